"""Threads are for who waits for them, lane by lane; when we are told to stop, what has been begun is finished."""

import asyncio
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import pytest

from app.front.endings import Endings
from app.front.threads import Threads
from app.front.watch import AFTER_SECONDS
from tests.support.echo import THREADS, echoing
from tests.support.raw_http import ask, connected, half_sent, is_open, reply, request
from tests.support.stripe_world import eventually


@dataclass(frozen=True)
class Served:
    port: int
    process: "subprocess.Popen[bytes]"
    folder: Path

    def wait(self, name: str) -> socket.socket:
        """Who asks for something that takes until `go`."""
        return connected(self.port, request("GET", f"/wait?{name}"))

    def wait_as(self, caller: str, name: str) -> socket.socket:
        """The same, where threads are shared out by callers."""
        return connected(self.port, request("GET", f"/wait/shared?{name}", f"X-Caller: {caller}"))

    def begun(self, name: str) -> bool:
        return (self.folder / f"{name}.begun").exists()

    def go(self, *names: str) -> None:
        for name in names:
            (self.folder / f"{name}.go").touch()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with echoing("front", tmp_path) as (port, process):
        yield Served(port, process, tmp_path)


@pytest.fixture
def busy(served: Served) -> Iterator[list[socket.socket]]:
    """All threads of a lane at work, on a, b..."""
    names = "abcdefgh"[:THREADS]
    working = [served.wait(name) for name in names]
    eventually(lambda: all(map(served.begun, names)))
    yield working
    served.go(*names)
    for each in working:
        each.close()


def test_another_lane_has_threads_of_its_own(served: Served, busy: list[socket.socket]) -> None:
    assert ask(served.port, request("GET", "/apart")).status == 200
    assert ask(served.port, request("HEAD", "/apart")).status == 200


def test_who_comes_later_waits_and_is_answered(served: Served, busy: list[socket.socket]) -> None:
    late = served.wait("late")
    served.go("a", "late")
    assert reply(late).status == 200


def test_who_leaves_while_waiting_is_not_answered(served: Served, busy: list[socket.socket]) -> None:
    left, stayed = served.wait("left"), served.wait("stayed")
    left.close()
    # nothing tells when the server has noticed, but its loop answers these after it has had the time to
    until = time.monotonic() + 5 * AFTER_SECONDS
    while time.monotonic() < until:
        ask(served.port, request("GET", "/apart"))
    served.go("a", "b", "stayed", "left")
    assert reply(stayed).status == 200
    assert not served.begun("left")


def test_one_caller_has_half_of_the_threads_however_much_it_asks(served: Served) -> None:
    mallory = [served.wait_as("mallory", name) for name in ("m1", "m2", "m3")]
    eventually(lambda: any(map(served.begun, ("m1", "m2", "m3"))))
    alice = served.wait_as("alice", "alice")
    served.go("alice")
    assert reply(alice).status == 200
    assert sum(map(served.begun, ("m1", "m2", "m3"))) == 1
    # who leaves while waiting takes no turn of those who stay
    waiting = next(each for each, name in zip(mallory, ("m1", "m2", "m3"), strict=True) if not served.begun(name))
    waiting.close()
    served.go("m1", "m2", "m3")
    assert [reply(each).status for each in mallory if each is not waiting] == [200, 200]


def test_who_names_no_caller_is_told_apart_by_where_they_ask_from(served: Served) -> None:
    mallory = [connected(served.port, request("GET", f"/wait/shared?{name}")) for name in ("m1", "m2", "m3")]
    eventually(lambda: any(map(served.begun, ("m1", "m2", "m3"))))
    elsewhere = socket.create_connection(("127.0.0.1", served.port), timeout=30, source_address=("127.0.0.2", 0))
    elsewhere.sendall(request("GET", "/wait/shared?alice"))
    served.go("alice")
    assert reply(elsewhere).status == 200
    assert sum(map(served.begun, ("m1", "m2", "m3"))) == 1
    served.go("m1", "m2", "m3")
    assert [reply(each).status for each in mallory] == [200, 200, 200]


def test_what_has_been_begun_is_finished_when_we_stop_and_what_is_half_sent_is_dropped(served: Served) -> None:
    working, slow = served.wait("a"), connected(served.port, half_sent())
    headless = connected(served.port, b"GET / HTTP/1.1\r\nHos")
    eventually(lambda: served.begun("a"))
    served.process.send_signal(signal.SIGTERM)
    eventually(lambda: refuses(served.port), seconds=30)
    served.go("a")
    assert reply(working).body == b"waited\n"
    assert served.process.wait(timeout=60) == 0
    assert not is_open(slow)
    assert not is_open(headless)


def test_a_dribble_does_not_stop_us_from_stopping(served: Served) -> None:
    slow = connected(served.port, half_sent())
    served.process.send_signal(signal.SIGTERM)

    def ended() -> bool:
        if is_open(slow):
            slow.sendall(b"x")
        return served.process.poll() is not None

    eventually(ended, seconds=60)


def test_what_leaves_the_line_is_never_done() -> None:
    threads, begun, go, done = Threads(1, "one", most=1), Event(), Event(), Queue[str]()
    threads.start()

    def hold() -> None:
        begun.set()
        go.wait()

    def left() -> None:
        done.put("left")

    assert threads.do("", hold)
    begun.wait()
    assert not threads.do("", left)
    assert not threads.do("", lambda: done.put("stayed"))
    threads.withdraw("", left)
    go.set()
    assert done.get() == "stayed"
    threads.stop()
    assert done.empty()


def test_a_loop_that_nothing_else_wakes_hears_of_an_end_all_the_same() -> None:
    async def scene() -> None:
        endings, heard = Endings(), asyncio.Event()
        for _ in range(2):
            heard.clear()
            endings.expect()
            Thread(target=endings.add, args=(heard.set,)).start()
            await heard.wait()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(scene())).result(timeout=60)


def refuses(port: int) -> bool:
    try:
        connected(port, b"").close()
    except OSError:
        return True
    return False
