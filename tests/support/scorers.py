"""Scorers for tests: predictable, hanging, broken. None of them is a scorer for anything else."""

import re
import socket
import threading
from collections.abc import Sequence

from app.toxicity.scorer import ATTRIBUTES, Scores, Unavailable

_MARK = r"\[%s(\w+)=([\d.]+)\]"


class Marked:
    """Scores a text by the marks in it: "[insult=0.9]" has an insult score of 0.9, all else is 0.01.

    `before` tells one such scorer from another: what stands in a mark before the attribute.
    """

    version = "1"
    languages = frozenset({"en"})

    def __init__(self, before: str = "") -> None:
        self.name = before.strip() or "marked"
        self._mark = re.compile(_MARK % before)

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
        return [self._score(text) for text in texts]

    def _score(self, text: str) -> Scores:
        marks = {name: float(value) for name, value in self._mark.findall(text) if name in ATTRIBUTES}
        return Scores(**{attribute: marks.get(attribute, 0.01) for attribute in ATTRIBUTES})


class Silent:
    """Is never available."""

    name = "silent"
    version = "1"
    languages = frozenset({"en"})

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
        return Unavailable("crashed")


class Hanging:
    """Never answers, as a stuck native library would: who has an answer had it from somebody else."""

    name = "hanging"
    version = "1"
    languages = frozenset({"en"})

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
        threading.Event().wait()
        return Unavailable("woke up")


class Far(Marked):
    """Asks a process of its own, and waits for it for as long as it takes, as whoever forgot a deadline."""

    languages = frozenset({"en", "es"})

    def __init__(self, name: str, port: int) -> None:
        super().__init__(f"{name} ")
        self._port = port

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
        with socket.create_connection(("127.0.0.1", self._port)) as there:
            assert there.recv(1) == b"!"
        return super().score(texts, deadline)


class Crashing:
    """Breaks at every text, as a native library does that runs out of memory."""

    name = "crashing"
    version = "1"
    languages = frozenset({"en"})

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
        raise MemoryError
