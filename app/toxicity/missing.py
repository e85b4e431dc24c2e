"""Stands in for a scorer that could not be loaded, so that the paper goes on: comments are held, none is lost."""

from collections.abc import Sequence

from app.toxicity.scorer import Unavailable


class Unloadable(RuntimeError):
    """A scorer cannot be loaded; the message says why and what helps."""


class Missing:
    """A scorer (app.toxicity.scorer.Scorer) without any answer."""

    version = "none"
    languages = frozenset[str]()

    def __init__(self, name: str) -> None:
        self.name = name

    def score(self, _texts: Sequence[str], _deadline: float) -> Unavailable:
        """Never any scores."""
        return Unavailable("missing")
