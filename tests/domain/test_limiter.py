"""Limits are counted in one place for all processes, and go on in each when that place is dead, silent or foolish."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from limits import RateLimitItemPerHour

from app import limiter
from app.limiter import ALONE, BoundedMemory, Limiter
from tests.support.processes import free_port
from tests.support.stripe_world import eventually
from tests.support.valkey import Valkey, valkey

THREE = RateLimitItemPerHour(3)


@pytest.fixture
def store() -> Iterator[Valkey]:
    with valkey() as found:
        yield found


@pytest.fixture(autouse=True)
def _short_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "REST_SECONDS", 0.05)


def alone() -> float:
    """How often this process counted for itself."""
    (family,) = ALONE.collect()
    return family.samples[0].value


def refused(counting: Limiter, caller: str = "a") -> list[bool]:
    return [counting.take(THREE, caller) is not None for _ in range(4)]


def shares(counting: Limiter, store: Valkey) -> bool:
    """Whether it counts in the store now; each time as a caller of whom nobody has heard."""
    before = store.counts()
    counting.take(THREE, f"new {before}")
    return store.counts() > before


def test_two_processes_count_together(store: Valkey) -> None:
    one, other = Limiter(store.url), Limiter(store.url)
    assert refused(one) == [False, False, False, True]
    wait = other.take(THREE, "a")
    assert wait is not None
    assert 1 <= wait <= 7200
    assert other.take(THREE, "b") is None


def test_a_dead_store_is_missed_by_nobody_and_used_again_once_it_is_back(store: Valkey) -> None:
    counting = Limiter(store.url)
    counting.take(THREE, "a")
    store.process.kill()
    before = alone()
    assert refused(counting) == [False, False, False, True]
    assert alone() == before + 4
    store.process.start()
    store.wait_until_ready()
    eventually(lambda: shares(counting, store))
    assert refused(counting, "b") == [False, False, False, True]


def test_a_frozen_store_is_asked_once_in_a_while_and_by_one_alone(
    store: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "REST_SECONDS", 3600)
    counting = Limiter(store.url)
    counting.take(THREE, "a")
    asked: list[object] = []
    take = limiter._take

    def watched(where: Any, *rest: Any) -> int | None:
        asked.append(where)
        return take(where, *rest)

    monkeypatch.setattr(limiter, "_take", watched)
    store.process.freeze()
    assert refused(counting) == [False, False, False, True]
    assert asked.count(counting._shared) == 1
    store.process.thaw()


def test_a_thawed_store_is_used_again(store: Valkey) -> None:
    counting = Limiter(store.url)
    store.process.freeze()
    assert refused(counting) == [False, False, False, True]
    store.process.thaw()
    eventually(lambda: shares(counting, store))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x00\xff\xfe\r\n",
        b"",
        b"-LOADING not yet\r\n",
        b"$9999999999\r\n",
        b"+\r\n",
    ],
)
def test_what_is_no_store_is_as_good_as_a_dead_one(answer: bytes) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as listening:

        def serve() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:
                    return
                with client:
                    client.recv(4096)
                    client.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        assert refused(Limiter(f"redis://127.0.0.1:{port}")) == [False, False, False, True]
        listening.shutdown(socket.SHUT_RDWR)


def test_memory_keeps_the_latest_counts_whoever_makes_up_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "MOST_COUNTS", 100)
    memory = BoundedMemory()
    for caller in range(1000):
        memory.incr(str(caller), 3600)
    assert len(memory.storage) == len(memory.expirations) == 100
    assert memory.get("999") == 1


class Meeting(BoundedMemory):
    """Who replaces the timer that forgets waits a moment for another who would do so, too."""

    meet: threading.Barrier | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "timer" and self.meet is not None:
            with suppress(threading.BrokenBarrierError):
                self.meet.wait(0.2)


def test_two_who_count_at_the_same_moment_start_no_timer_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Meeting()
    memory.timer.join()
    memory.meet, started = threading.Barrier(2), list[threading.Timer]()
    monkeypatch.setattr(threading.Timer, "start", lambda timer: started.append(timer))
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda caller: memory.incr(caller, 3600), "ab"))
    assert counts == [1, 1]
    assert len(started) == len(set(started)) > 0
