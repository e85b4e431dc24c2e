"""Limits per address, and on what an account attempts, in memory or Redis.

What an account has done is counted from its rows, in the transaction that writes; what it only tried leaves none.

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
# a comment may be sent, nudged at and confirmed, and the same again when it is edited
ATTEMPTS_PER_COMMENT = 4


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


def payment_check(account_id: int) -> None:
    """Count a look at a way to pay, by address and by account, so that nobody tries out cards; raises TooMany."""
    _ask_stripe("payment_check", account_id)


def payment_page(account_id: int) -> None:
    """Count a way to one of Stripe's pages, or back, by address and by account; raises TooMany."""
    _ask_stripe("payment_page", account_id)


def write(account_id: int, comments_per_minute: int) -> None:
    """Count that an account tries to write, whatever comes of it; raises TooMany.

    It may try often enough for so many comments a minute, however many are nudged at.
    """
    _attempt("write", account_id, ATTEMPTS_PER_COMMENT * comments_per_minute)


def react(account_id: int, reactions_per_minute: int) -> None:
    """Count that an account reacts to a comment or takes that back, which leaves no row to count; raises TooMany."""
    _attempt("react", account_id, 2 * reactions_per_minute)


def embed(account_id: int) -> None:
    """Count that a page of a newspaper asks who its reader is; raises TooMany."""
    _attempt("embed", account_id, services().house.limits.requests_per_minute)


def rename(account_id: int) -> None:
    """Count that an account tries to take another name; raises TooMany."""
    _attempt("rename", account_id, services().house.limits.log_ins_per_minute)


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


def _ask_stripe(what: str, account_id: int) -> None:
    """Stripe allows all of us together so many calls: neither an address nor an account may use them up."""
    per_minute = services().house.limits.log_ins_per_minute
    _hit(what, RateLimitItemPerMinute(per_minute))
    _attempt(what, account_id, per_minute)


def _attempt(what: str, account_id: int, per_minute: int) -> None:
    _count(what, RateLimitItemPerMinute(per_minute), f"account {account_id}")


def _hit(what: str, limit: RateLimitItem) -> None:
    address = request.remote_addr or ""
    _count(what, limit, whose(address))
    around = neighbourhood(address)
    if around is not None:
        _count(what, type(limit)(limit.amount * CALLERS_OF_A_NEIGHBOURHOOD), around)


def _count(what: str, limit: RateLimitItem, who: str) -> None:
    wait = limiter().take(limit, what, who)
    if wait is not None:
        raise TooMany(retry_after=wait)
