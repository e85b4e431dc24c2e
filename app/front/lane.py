"""Requests of one kind, with threads and places of their own: what fills one lane stops nobody in another."""

import re

from app.front.room import Room
from app.front.threads import Threads

PLACES = 512


class Lane:
    """For the requests that `asked` fits ("METHOD /path", a pattern); a body has `largest` bytes at most."""

    def __init__(self, name: str, asked: str, *, threads: int, largest: int, places: int = PLACES) -> None:
        self.name = name
        self.largest = largest
        self.asked = re.compile(asked, re.DOTALL)
        self.places = Room(places)
        self.threads = Threads(threads, name)
