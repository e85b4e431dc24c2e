"""How often a key may ask: a second's and a minute's quota, counted where limits per address are (BTL_LIMITS_URL)."""

from limits import RateLimitItemPerMinute, RateLimitItemPerSecond

from app.limiter import Limiter
from app.models import ApiKey
from app.perspective import errors


def take(limiter: Limiter, key: ApiKey) -> None:
    """Count a request of `key`. Raises ApiError (429) when one of its quotas is used up."""
    for quota in (RateLimitItemPerSecond(key.per_second), RateLimitItemPerMinute(key.per_minute)):
        wait = limiter.take(quota, "api_key", str(key.id))
        if wait is not None:
            raise errors.over_quota(wait)
