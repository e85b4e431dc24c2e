"""`btl serve`, as an operator starts and ends it: its port is its own."""

import gzip
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import requests

from config.settings import Settings
from tests.support.processes import free_port
from tests.support.raw_http import ask, connected, half_sent, is_open, request
from tests.support.repository import REPOSITORY
from tests.support.serving import served
from tests.support.settings import environment_of
from tests.support.stripe_world import eventually

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_refused_in_one_line(settings: Settings, tmp_path: Path, workers: str) -> None:
    with served(settings, tmp_path / "web.log", "--workers", workers) as url:
        port, counted = url.rpartition(":")[2], set((settings.var / "metrics").iterdir())
        refused = second(settings, port)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr == f"Error: 127.0.0.1:{port}: Address already in use\n"
        # and what the first one counts is still there
        assert counted <= set((settings.var / "metrics").iterdir())
        assert requests.get(f"{url}/healthz", timeout=30).ok
    told = "BTL_LIMITS_URL is not set: each of the 2 processes counts for itself, and a limit is up to 2 times as high"
    assert (tmp_path / "web.log").read_text().splitlines().count(told) == (workers == "2")
    with served(settings, tmp_path / "again.log", port=int(port)) as url:
        assert requests.get(f"{url}/healthz", timeout=30).ok


def test_a_port_that_another_program_shares_is_refused_too(settings: Settings) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert second(settings, str(other.getsockname()[1])).returncode == 2


def test_an_address_that_is_not_ours_is_refused_in_one_line(settings: Settings) -> None:
    refused = second(settings, str(free_port()), "--address", "192.0.2.1")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_the_script_for_articles_is_small_on_the_wire(settings: Settings, tmp_path: Path) -> None:
    with served(settings, tmp_path / "web.log") as url:
        port = int(url.rpartition(":")[2])
        plain = ask(port, request("GET", "/embed.js"))
        packed = ask(port, request("GET", "/embed.js", "Accept-Encoding: gzip"))
        tag = packed.header("etag")
        head = ask(port, request("HEAD", "/embed.js", "Accept-Encoding: gzip"))
        had = ask(port, request("GET", "/embed.js", "Accept-Encoding: gzip", f"If-None-Match: {tag}"))
        other = ask(port, request("GET", "/embed.js", f"If-None-Match: {tag}"))
    assert (plain.header("content-encoding"), packed.header("content-encoding")) == (None, "gzip")
    assert len(packed.body) < 25_000
    assert gzip.decompress(packed.body) == plain.body == other.body
    length = str(len(packed.body))
    assert (head.status, head.body, head.header("etag"), head.header("content-length")) == (200, b"", tag, length)
    assert (had.status, had.body, had.header("etag")) == (304, b"", tag)
    assert {answer.header("vary") for answer in (plain, packed, head, had, other)} == {"Accept-Encoding"}


def test_it_ends_when_it_is_told_to_while_requests_are_half_sent(settings: Settings, tmp_path: Path) -> None:
    with served(settings, tmp_path / "web.log") as url:
        port = int(url.rpartition(":")[2])
        slow = [connected(port, half_sent("/stripe/webhook")) for _ in range(8)]
        slow += [connected(port, request("GET", "/")[:-2]) for _ in range(8)]
        assert requests.get(f"{url}/healthz", timeout=30).ok
        assert all(map(is_open, slow))
    assert not any(map(is_open, slow))


def test_it_ends_when_told_to_while_its_workers_are_still_starting(settings: Settings) -> None:
    command = [sys.executable, "-m", "app.cli.main", "serve", "--port", str(free_port()), "--workers", "2"]
    process = subprocess.Popen(command, env=os.environ | environment_of(settings), start_new_session=True)
    try:
        eventually(lambda: len(psutil.Process(process.pid).children()) == 2, seconds=60)
        process.terminate()
        process.wait(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("says_length", [True, False])
def test_too_large_a_body_is_refused_as_its_route_does_it(
    settings: Settings, tmp_path: Path, says_length: bool
) -> None:
    def send(url: str, size: int, **headers: str) -> requests.Response:
        body: bytes | Iterator[bytes] = b"x" * size if says_length else iter([b"x" * (size // 2), b"x" * (size // 2)])
        return requests.post(url, data=body, headers={"Content-Type": "application/json"} | headers, timeout=30)

    with served(settings, tmp_path / "web.log") as url:
        program = send(f"{url}/api/v1/tokens", 70_000)
        assert (program.status_code, program.json()["code"]) == (413, "too_large")
        person = send(f"{url}/sign-in", 70_000, Accept="text/html")
        assert (person.status_code, person.headers["Content-Type"]) == (413, "text/html; charset=utf-8")
        assert send(f"{url}/stripe/webhook", 300_000).status_code == 413
        assert send(f"{url}/stripe/webhook", 200_000).status_code == 400
        google = send(f"{url}/v1alpha1/comments:analyze?key=none", 1_100_000)
        assert (google.status_code, google.json()["error"]["code"]) == (400, 400)
        assert send(f"{url}/batch", 4_300_000).status_code == 400
        assert requests.get(f"{url}/healthz", timeout=30).ok


def second(settings: Settings, port: str, *options: str) -> "subprocess.CompletedProcess[str]":
    """`btl serve` on a port that is said to be taken."""
    command = [sys.executable, "-m", "app.cli.main", "serve", "--port", port, *options]
    environment = os.environ | environment_of(settings)
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=60)
