"""A watch on the other side of a request that waits for long: when it leaves, nobody waits for it any more."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from granian.rsgi import HTTPProtocol  # type: ignore[attr-defined]

# most wait for less, and a watch costs as much as all the rest of the front
AFTER_SECONDS = 0.1


@contextmanager
def watched(task: "asyncio.Task[Any]", proto: HTTPProtocol) -> Iterator[None]:
    """Cancel `task` if the other side leaves inside the block."""
    loop = asyncio.get_running_loop()
    watches: list[asyncio.Task[None]] = []
    timer = loop.call_later(AFTER_SECONDS, lambda: watches.append(loop.create_task(_cancel_when_gone(task, proto))))
    try:
        yield
    finally:
        timer.cancel()
        for watch in watches:
            watch.cancel()


async def _cancel_when_gone(task: "asyncio.Task[Any]", proto: HTTPProtocol) -> None:
    await proto.client_disconnect()
    task.cancel()
