"""Text in, numbers out. Knows no account, no comment and no database."""

from app.toxicity import builtin
from app.toxicity.guard import Guarded
from app.toxicity.scorer import ATTRIBUTES, Scorer, Scores, Unavailable

__all__ = ["ATTRIBUTES", "Guarded", "Scorer", "Scores", "Unavailable", "load"]

_SCORERS = {"builtin": builtin.load}


def load(name: str) -> Guarded:
    """The named scorer behind its guard; ValueError for a name that is none, OSError when its files are
    missing.
    """
    if name not in _SCORERS:
        raise ValueError(f"no scorer is called {name!r}; there are: {', '.join(_SCORERS)}")
    return Guarded(_SCORERS[name]())
