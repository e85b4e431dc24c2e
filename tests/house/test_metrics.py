"""/metrics of `btl serve` with two processes: whichever answers, it tells what both have counted."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from config.settings import Settings
from tests.support import raw_http
from tests.support.serving import served
from tests.support.stripe_world import eventually

ALIVE = ("btl_requests_total", {"route": "/healthz", "method": "GET", "status": "200"})
# a process beside those of the web, which counts and shows how it stands
ANOTHER = """
import sys
from prometheus_client import Counter, Gauge
Counter("another_counts", "", ()).inc(3)
Gauge("another_stands", "", (), multiprocess_mode="livesum").set(5)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.var / "metrics"


@pytest.fixture
def web(settings: Settings, folder: Path, tmp_path: Path) -> Iterator[str]:
    """The address of two processes, in a folder in which an earlier start has left something."""
    folder.mkdir(parents=True)
    (folder / "counter_1.db").write_bytes(b"left over")
    with served(settings, tmp_path / "web.log", "--workers", "2") as url:
        yield url


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_the_processes_count_is_added_up_and_outlives_them(web: str, folder: Path) -> None:
    asked = _ask_until_answered_by(2, web, folder)
    assert _measured(web, *ALIVE) == asked
    os.kill(next(iter(_counting(folder))), signal.SIGKILL)
    asked += _ask_until_answered_by(3, web, folder)
    assert _measured(web, *ALIVE) == asked


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_gauges_of_a_killed_process_leave_and_its_counters_stay(web: str, folder: Path) -> None:
    command, environment = [sys.executable, "-c", ANOTHER], os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as another:
        assert another.stdout
        another.stdout.readline()
        assert (_measured(web, "another_counts_total"), _measured(web, "another_stands")) == (3, 5)
        another.kill()
    assert (_measured(web, "another_counts_total"), _measured(web, "another_stands")) == (3, None)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_the_front_answers_by_itself_is_counted_among_all(web: str, folder: Path) -> None:
    _ask_until_answered_by(2, web, folder)
    port = int(web.rpartition(":")[2])
    for _ in range(4):
        assert raw_http.ask(port, raw_http.request("GET", "/healthz", "Host: another")).status == 400
    with raw_http.connected(port, raw_http.half_sent("/a/name")) as slow:
        assert raw_http.reply(slow).status == 408
    assert raw_http.ask(port, raw_http.request("ADA", "/", "Host: another")).status == 400
    assert _measured(web, "btl_requests_total", {"route": "-", "method": "GET", "status": "400"}) == 4
    assert _measured(web, "btl_requests_total", {"route": "-", "method": "POST", "status": "408"}) == 1
    assert _measured(web, "btl_requests_total", {"route": "-", "method": "other", "status": "400"}) == 1


def _ask_until_answered_by(processes: int, web: str, folder: Path) -> int:
    """How many times it took; each time on a connection of its own, which the system gives to any of them."""
    asked = 0

    def answered() -> bool:
        nonlocal asked
        with suppress(requests.ConnectionError):  # what waited for one that was killed
            asked += requests.get(f"{web}/healthz", timeout=5).ok
        return len(_counting(folder)) == processes

    eventually(answered, seconds=60)
    return asked


def _counting(folder: Path) -> set[int]:
    """The processes that have counted in `folder`."""
    return {int(path.stem.partition("_")[2]) for path in folder.glob("counter_*.db")}


def _measured(web: str, name: str, labels: dict[str, str] | None = None) -> float | None:
    """The value at /metrics, None if it is not there."""
    text = requests.get(f"{web}/metrics", timeout=10).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    found = [sample.value for sample in samples if sample.name == name and labels in (None, sample.labels)]
    assert len(found) < 2
    return found[0] if found else None
