"""Limits per address, in memory or Redis. Limits per account are counted from rows, in the transaction that writes.

Who has an IPv6 address has its whole network, and is one caller with it; a wider count of the networks around holds
who was given many.
"""

from flask import Flask, current_app, request
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute

from app.addresses import neighbourhood, whose
from app.errors import TooMany
from app.installation import Installation
from app.limiter import Limiter
from app.web import endpoint
from app.web.services import EXTENSION as SERVICES
from app.web.services import services

EXTENSION = "below-the-line-limits"
# how many callers a neighbourhood of IPv6 addresses counts as
CALLERS_OF_A_NEIGHBOURHOOD = 16


def install(app: Flask) -> None:
    """Limit what one address may ask of `app`."""
    given: Installation = app.extensions[SERVICES]
    app.extensions[EXTENSION] = Limiter(given.settings.limits_url)
    app.before_request(_per_address)


def limiter() -> Limiter:
    """What counts for the application that handles this request."""
    found: Limiter = current_app.extensions[EXTENSION]
    return found


def sign_up() -> None:
    """Count a sign-up from this address; raises TooMany."""
    _hit("sign_up", RateLimitItemPerHour(services().house.limits.sign_ups_per_hour))


def log_in() -> None:
    """Count an attempt to log in, or to have a letter sent, from this address; raises TooMany."""
    _hit("log_in", RateLimitItemPerMinute(services().house.limits.log_ins_per_minute))


def payment_check() -> None:
    """Count a look at a way to pay from this address, so that nobody tries out cards; raises TooMany."""
    _hit("payment_check", RateLimitItemPerMinute(services().house.limits.log_ins_per_minute))


def payment_page() -> None:
    """Count a way to one of Stripe's pages from this address, or back, which Stripe is asked about; raises TooMany."""
    _hit("payment_page", RateLimitItemPerMinute(services().house.limits.log_ins_per_minute))


def notice(per_hour: int) -> None:
    """Count a legal notice from this address, which may give so many; raises TooMany."""
    _hit("notice", RateLimitItemPerHour(per_hour))


def stranger() -> None:
    """Count a request from this address that came without a good API key; raises TooMany."""
    _hit("stranger", RateLimitItemPerMinute(services().house.limits.requests_per_minute))


def _per_address() -> None:
    declared = endpoint.current()
    if request.endpoint == "static" or (declared is not None and not declared.limited):
        return  # Stripe's webhooks must never be told to slow down by us, and an API key has its own quota
    _hit("any", RateLimitItemPerMinute(services().house.limits.requests_per_minute))


def _hit(what: str, limit: RateLimitItem) -> None:
    address = request.remote_addr or ""
    wait = limiter().take(limit, what, whose(address))
    around = neighbourhood(address)
    if wait is None and around is not None:
        wider = type(limit)(limit.amount * CALLERS_OF_A_NEIGHBOURHOOD)
        wait = limiter().take(wider, what, around)
    if wait is not None:
        raise TooMany(retry_after=wait)
