"""How often a key may ask: a second's and a minute's quota, counted where limits per address are (BTL_LIMITS_URL)."""

import math
import time

from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.strategies import RateLimiter

from app.models import ApiKey
from app.perspective import errors


def take(limiter: RateLimiter, key: ApiKey) -> None:
    """Count a request of `key`. Raises ApiError (429) when one of its quotas is used up."""
    for quota in (RateLimitItemPerSecond(key.per_second), RateLimitItemPerMinute(key.per_minute)):
        if not limiter.hit(quota, "api_key", str(key.id)):
            reset = limiter.get_window_stats(quota, "api_key", str(key.id)).reset_time
            raise errors.over_quota(max(1, math.ceil(reset - time.time())))
