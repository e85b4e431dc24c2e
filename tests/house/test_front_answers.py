"""An answer leaves as the application made it, whoever reads it how slowly, and an accident is answered too."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.support.echo import THREADS, echoing
from tests.support.raw_http import ask, connected, reply, request
from tests.support.stripe_world import eventually

PIECES = 120  # of 64 kB
BYTES = PIECES * 65536


@dataclass(frozen=True)
class Served:
    port: int
    folder: Path
    process: int

    def bytes_of_memory(self) -> int:
        """Of the process and those that it has started."""
        family = [psutil.Process(self.process), *psutil.Process(self.process).children(recursive=True)]
        return sum(each.memory_info().rss for each in family)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("echo")
    with echoing("front", folder) as (port, process):
        yield Served(port, folder, process.pid)


def test_status_and_repeated_headers_arrive(served: Served) -> None:
    answer = ask(served.port, request("GET", "/cookies"))
    assert (answer.status, answer.body) == (201, b"two cookies\n")
    assert [value for name, value in answer.headers if name == "set-cookie"] == ["a=1", "b=2"]


@pytest.mark.parametrize("path", ["/cookies", f"/stream?{PIECES}"])
def test_a_head_has_no_body(served: Served, path: str) -> None:
    answer = ask(served.port, request("HEAD", path))
    assert (answer.status in (200, 201), answer.body) == (True, b"")


def test_a_download_is_made_while_nobody_takes_it_and_is_not_kept_in_memory(served: Served) -> None:
    before, done = served.bytes_of_memory(), served.folder / "streamed.done"
    takers = []
    for _ in range(3 * THREADS):
        done.unlink(missing_ok=True)
        takers.append(connected(served.port, request("GET", f"/stream?{PIECES}"), buffer=65536))
        eventually(done.exists, seconds=60)
    assert ask(served.port, request("GET", "/")).status == 200
    # what the six of them have not taken is far more
    assert served.bytes_of_memory() - before < 2 * BYTES
    for taker in takers:
        answer = reply(taker)
        assert (answer.status, len(answer.body), answer.body[-1:]) == (200, BYTES, b"p")
        taker.close()


@pytest.mark.parametrize("accident", ["raise", "raise-late", "exit", "silent", "bad-status", "stream"])
def test_an_accident_is_a_500_and_costs_no_thread(served: Served, accident: str) -> None:
    for _ in range(2 * THREADS):
        answer = ask(served.port, request("GET", f"/{accident}"))
        assert answer.status == 500
    assert ask(served.port, request("GET", "/")).status == 200


def test_an_accident_is_told_as_a_problem_in_the_houses_language_that_gives_nothing_away(served: Served) -> None:
    answer = ask(served.port, request("GET", "/raise"))
    assert answer.header("content-type") == "application/problem+json"
    problem = json.loads(answer.body)
    assert (problem["code"], problem["detail"]) == (
        "internal_error",
        "Bei uns ist etwas kaputtgegangen. Es ist vermerkt.",
    )
    assert b"planted" not in answer.body
