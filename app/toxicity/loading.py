"""A scorer that takes seconds and a gigabyte to load: for those who cannot wait until it is there."""

import threading
from collections.abc import Callable

import structlog

from app.toxicity.guard import Guarded
from app.toxicity.scorer import Scorer, Unavailable

log = structlog.get_logger()
_lock = threading.Lock()
_loaded: dict[Callable[[], Scorer], Guarded | Unavailable] = {}


def soon(load: Callable[[], Scorer]) -> Guarded | Unavailable:
    """What `load` gives. Who asks first begins it, in a thread, and nobody waits: until it is there it is Unavailable,
    and if it cannot be loaded it is so until the process is started again.
    """
    with _lock:
        if load not in _loaded:
            try:
                threading.Thread(target=_load, args=(load,), name="scorer-load", daemon=True).start()
            except RuntimeError:  # no thread is to be had: the next one who asks tries again
                return Unavailable("saturated")
        return _loaded.setdefault(load, Unavailable("loading"))


def _load(load: Callable[[], Scorer]) -> None:
    try:
        scorer = load()
    except Exception as error:  # whatever a model library throws
        log.error("scorer_missing", why=f"{type(error).__name__}: {error}")
        _loaded[load] = Unavailable(f"missing:{type(error).__name__}")
    else:
        _loaded[load] = scorer if isinstance(scorer, Guarded) else Guarded(scorer)
