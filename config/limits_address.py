"""Where limits are counted that all processes share: Redis, or Valkey, which speaks the same."""

from importlib.util import find_spec

MEMORY = "memory://"
FORMS = "must be memory:// or redis://host, which is Valkey's address, too"


def wrong(url: str) -> str | None:
    """Why nothing can be counted at `url`, without asking there; None if it may."""
    if url == MEMORY:
        return None
    if not url.startswith(("redis://", "rediss://", "redis+unix://")):
        return FORMS
    if find_spec("redis") is None:
        return "needs the extra redis: pip install 'below-the-line[redis]'"
    from redis import ConnectionPool

    try:
        ConnectionPool.from_url(url.replace("redis+unix", "unix", 1))
    except ValueError:
        return FORMS
    return None
