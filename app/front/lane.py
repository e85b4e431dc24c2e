"""Requests of one kind, with threads and places of their own: what fills one lane stops nobody in another."""

import re
from collections.abc import Callable

from app.front.environ import Environ
from app.front.room import Room
from app.front.threads import Threads

PLACES = 512


class Lane:
    """For the requests that `asked` fits ("METHOD /path", a pattern); a body has `largest` bytes at most.

    Where `caller` tells whose a request is ("": whoever sends it), no caller has more than half of the threads at once.
    """

    def __init__(
        self,
        name: str,
        asked: str,
        *,
        threads: int,
        largest: int,
        places: int = PLACES,
        caller: Callable[[Environ], str] | None = None,
    ) -> None:
        self.name = name
        self.largest = largest
        self.asked = re.compile(asked, re.DOTALL)
        self.places = Room(places)
        self.caller = caller or _nobody
        self.threads = Threads(threads, name, most=max(1, threads // 2) if caller else threads)


def _nobody(_asked: Environ) -> str:
    return ""
