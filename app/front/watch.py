"""A watch on the other side of a request that waits for long: when it leaves, nobody waits for it any more."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from granian.rsgi import HTTPProtocol  # type: ignore[attr-defined]

from app.front.room import Place

# most wait for less, and a watch costs as much as all the rest of the front
AFTER_SECONDS = 0.1


@contextmanager
def watched(place: Place, proto: HTTPProtocol) -> Iterator[None]:
    """Clear `place` if the other side leaves inside the block."""
    loop = asyncio.get_running_loop()
    watches: list[asyncio.Task[None]] = []
    timer = loop.call_later(AFTER_SECONDS, lambda: watches.append(loop.create_task(_clear_when_gone(place, proto))))
    try:
        yield
    finally:
        timer.cancel()
        for watch in watches:
            watch.cancel()


async def _clear_when_gone(place: Place, proto: HTTPProtocol) -> None:
    await proto.client_disconnect()
    place.clear()
