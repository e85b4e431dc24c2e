"""When room runs short, whoever has the most gives way. Whose it is, our own proxies say, and otherwise the socket."""

import asyncio
import json
import socket
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from app.errors import Busy
from app.front.room import Place, Room
from tests.support import raw_http
from tests.support.echo import BUFFERED_BYTES, LARGEST, PLACES, echoing
from tests.support.raw_http import ask, connected, half_sent, reply, request
from tests.support.stripe_world import eventually

T = TypeVar("T")


@pytest.fixture
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with echoing("front", tmp_path_factory.mktemp("echo"), PROXIES="1") as (port, _):
        yield port


@pytest.fixture
def slow(port: int) -> Iterator[Callable[[str], socket.socket]]:
    """Who begins to send, from an address that a proxy tells."""
    opened = []

    def begin(*addresses: str) -> socket.socket:
        opened.append(connected(port, half_sent("/", *(f"X-Forwarded-For: {address}" for address in addresses))))
        return opened[-1]

    yield begin
    for each in opened:
        each.close()


def test_one_address_gives_way_to_another(port: int, slow: Callable[..., socket.socket]) -> None:
    greedy = [slow("192.0.2.1") for _ in range(PLACES)]
    assert ask(port, request("GET", "/", "X-Forwarded-For: 192.0.2.2")).status == 200
    eventually(lambda: sum(map(raw_http.is_open, greedy)) == PLACES - 1)


def test_who_has_all_places_gets_no_other(port: int, slow: Callable[..., socket.socket]) -> None:
    greedy = [slow("192.0.2.1") for _ in range(PLACES)]
    answer = ask(port, request("GET", "/", "X-Forwarded-For: 192.0.2.1"))
    assert (answer.status, json.loads(answer.body)["code"]) == (503, "busy")
    assert int(answer.header("retry-after") or 0) > 0
    assert all(raw_http.is_open(each) for each in greedy)


def test_addresses_of_one_network_are_one(port: int, slow: Callable[..., socket.socket]) -> None:
    for number in range(PLACES):
        slow(f"2001:db8::{number:x}")
    assert ask(port, request("GET", "/", "X-Forwarded-For: 2001:db8::ffff")).status == 503
    assert ask(port, request("GET", "/", "X-Forwarded-For: 2001:db8:0:1::1")).status == 200


def test_what_was_said_before_our_proxy_is_not_believed(port: int, slow: Callable[..., socket.socket]) -> None:
    for number in range(PLACES):
        slow(f"198.51.100.{number}, 192.0.2.1")
    assert ask(port, request("GET", "/", "X-Forwarded-For: 198.51.100.77, 192.0.2.1")).status == 503
    assert ask(port, request("GET", "/", "X-Forwarded-For: 192.0.2.2")).status == 200


def test_without_proxies_nobody_is_believed(tmp_path_factory: pytest.TempPathFactory) -> None:
    with echoing("front", tmp_path_factory.mktemp("echo")) as (port, _):
        greedy = [connected(port, half_sent("/", f"X-Forwarded-For: 192.0.2.{number}")) for number in range(PLACES)]
        assert ask(port, request("GET", "/", "X-Forwarded-For: 198.51.100.1")).status == 503
        assert [reply(each).status for each in greedy] == [408] * PLACES


def test_a_place_is_left_by_whoever_was_answered_or_refused(port: int) -> None:
    for _ in range(3 * PLACES):
        assert ask(port, request("GET", "/")).status == 200
        assert ask(port, request("GET", "/", "Host: another")).status == 400


def test_memory_is_shared_in_the_same_way(port: int) -> None:
    sent = request("POST", "/", f"Content-Length: {LARGEST}", "X-Forwarded-For: 192.0.2.1") + b"x" * (LARGEST - 1)
    full = BUFFERED_BYTES // (LARGEST - 1)
    greedy = [connected(port, sent) for _ in range(full)]
    eventually(lambda: ask(port, request("POST", "/", "X-Forwarded-For: 192.0.2.1", body=b"x" * 100)).status == 503)
    assert all(raw_http.is_open(each) for each in greedy)
    assert ask(port, request("POST", "/", "X-Forwarded-For: 192.0.2.2", body=b"x" * 100)).status == 200
    eventually(lambda: sum(map(raw_http.is_open, greedy)) == full - 1)
    # nothing stays counted
    for each in greedy:
        each.close()
    eventually(lambda: all(ask(port, request("POST", "/", body=b"x" * LARGEST)).status == 200 for _ in range(2 * full)))


async def standing(room: Room, owner: str, amount: int, *, kept: bool = False) -> "asyncio.Task[None]":
    """Somebody who has taken so much of `room` and stays."""

    async def stay() -> None:
        task = asyncio.current_task()
        assert task is not None
        place = Place(owner, task)
        if kept:
            place.keep()
        room.take(place, amount)
        try:
            await asyncio.sleep(60)
        finally:
            room.leave(place)

    task = asyncio.create_task(stay())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return task


async def refused(room: Room, owner: str, amount: int) -> bool:
    task = await standing(room, owner, amount)
    return task.done() and isinstance(task.exception(), Busy)


def played(scene: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """What comes of a scene, in a loop and a thread of its own: a browser that was driven before has left one here."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(scene())).result()


def test_nobody_gives_way_to_who_would_have_as_much() -> None:
    async def scene() -> list[bool]:
        room = Room(2)
        tasks = [await standing(room, "a", 1), await standing(room, "b", 1)]
        return [await refused(room, owner, 1) for owner in "abc"] + [task.done() for task in tasks]

    assert played(scene) == [True, True, True, False, False]


def test_the_newest_gives_way_and_nobody_who_has_a_thread() -> None:
    async def scene() -> list[bool]:
        room = Room(4)
        tasks = [await standing(room, "a", 1, kept=kept) for kept in (True, False, False, True)]
        await standing(room, "b", 1)
        first = [task.done() for task in tasks]
        await standing(room, "c", 1)
        return first + [task.done() for task in tasks] + [await refused(room, "d", 1)]

    assert played(scene) == [False, False, True, False, False, True, True, False, True]


def test_as_many_give_way_as_must() -> None:
    async def scene() -> tuple[int, bool]:
        room = Room(10)
        tasks = [await standing(room, "a", 2) for _ in range(5)]
        await standing(room, "b", 3)
        return sum(task.done() for task in tasks), await refused(room, "c", 11)

    assert played(scene) == (2, True)
