"""Text in, numbers out. Knows no account, no comment and no database."""

from collections.abc import Callable
from pathlib import Path

import structlog

from app.toxicity import builtin, detoxify
from app.toxicity.builtin import Builtin
from app.toxicity.guard import Guarded
from app.toxicity.missing import Missing, Unloadable
from app.toxicity.scorer import ATTRIBUTES, Scorer, Scores, Unavailable
from config.settings import Settings

__all__ = ["ATTRIBUTES", "Builtin", "Guarded", "Scorer", "Scores", "Unavailable", "Unloadable", "find", "load"]

_SCORERS: dict[str, Callable[[Path], Scorer]] = {"builtin": lambda _: builtin.load(), "detoxify": detoxify.load}
_FILES = Settings.detoxify_folder / Settings.detoxify_model
log = structlog.get_logger()


def find(name: str, files: Path = _FILES) -> Scorer:
    """The named scorer, which finds what was prepared for it in the folder `files`; ValueError for a name that is
    none, Unloadable with the reason when it cannot be had.
    """
    if name not in _SCORERS:
        raise ValueError(f"no scorer is called {name!r}; there are: {', '.join(_SCORERS)}")
    try:
        return _SCORERS[name](files)
    except Unloadable:
        raise
    except Exception as error:  # whatever a model library throws
        raise Unloadable(f"{type(error).__name__}: {error}") from error


def load(name: str, files: Path = _FILES) -> Guarded:
    """As `find`, behind its guard. One that cannot be had is always Unavailable: a paper without a scorer holds its
    comments, one whose server does not start has none.
    """
    try:
        found = find(name, files)
    except Unloadable as error:
        log.error("scorer_missing", scorer=name, why=str(error))
        return Guarded(Missing(name))
    if isinstance(found, Builtin) and not found.is_whole:
        log.error("scorer_fast_alone", scorer=name, why="onnxruntime cannot be loaded")
    return Guarded(found)
