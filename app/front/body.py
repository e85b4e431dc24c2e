"""The body of a request, read while nobody but the event loop waits for it."""

import asyncio
from collections.abc import AsyncIterable, Callable

from app.errors import TooSlow, Unfinished

# without a byte, and for all of it: half a megabyte a minute is less than any line that still carries a page
STILL_SECONDS = 5.0
LONGEST_SECONDS = 20.0


class Oversize(Exception):
    """The body has more bytes than may be; `seen` of them came, or were announced."""

    def __init__(self, seen: int) -> None:
        super().__init__(seen)
        self.seen = seen


class Gone(Exception):
    """Whoever was sending the body has left."""


async def read(pieces: AsyncIterable[bytes], length: int | None, largest: int, buffer: Callable[[int], None]) -> bytes:
    """All of it, in memory. `length` is what was announced, None for a body in chunks; `buffer` is told what is kept.

    Raises Oversize before more than `largest` bytes are kept, TooSlow (408), Unfinished (400), Gone; and as `buffer`.
    """
    if length is not None and length > largest:
        raise Oversize(length)
    kept: list[bytes] = []
    size = ends = 0
    loop = asyncio.get_running_loop()
    longest = loop.time() + LONGEST_SECONDS
    try:
        async with asyncio.timeout(STILL_SECONDS) as patience:
            async for piece in pieces:
                ends += not piece
                size += len(piece)
                if size > largest:
                    raise Oversize(size)
                buffer(len(piece))
                kept.append(piece)
                if size == length:
                    break
                patience.reschedule(min(loop.time() + STILL_SECONDS, longest))
    except TimeoutError:
        raise TooSlow from None
    if length is not None and size < length:
        raise Gone
    if length is None and ends > 1:
        # granian tells of an end, of trailers and of a broken chunk in the same way, and only of the first of them once
        raise Unfinished
    return b"".join(kept)
