"""Which problems a route can answer with.

What follows from how it is declared (who may, what it takes, where its path leads) is found here; what it refuses for
reasons of its own it declares with `endpoint.refuses`. The tests hear every refusal and compare it with `of`.
"""

import re
from collections.abc import Iterator

from app.accounts import permissions, standing
from app.accounts.permissions import EMBEDDED, PERMISSIONS, Who
from app.billing.sentences import WHY_NOT
from app.web.endpoint import Endpoint
from app.web.reference.raised import Problem, problems
from app.web.sites import SiteQuery

# whatever is asked
ANY = (
    *("bad_request", "unfinished", "no_host", "ambiguous", "too_slow", "too_large"),
    *("internal_error", "busy", "database_unavailable"),
)
STANDING = ("unverified", *standing.CODES.values())
_ID = re.compile(r"<\w+>")


def of(declared: Endpoint) -> list[Problem]:
    """Every problem that a route can answer with, by status. Raises KeyError for a code that nothing raises."""
    usual = [problems()[code][0] for code in [*ANY, *_by_form(declared), *_by_caller(declared)]]
    own = [problem for code in declared.refuses for problem in problems()[code]]
    return sorted(dict.fromkeys([*usual, *own]), key=lambda problem: problem.status)


def _by_form(declared: Endpoint) -> Iterator[str]:
    """What may be wrong with what is sent, and how often."""
    if declared.limited:
        yield "too_many"
    if declared.method != "GET":
        yield "read_only"
    if declared.takes:
        yield from ("not_json", "malformed", "nul")
    if declared.asks:
        yield from ("malformed", "nul")
        if issubclass(declared.asks, SiteQuery):
            yield "unknown_site"
    if _ID.search(declared.path):
        yield "not_found"


def _by_caller(declared: Endpoint) -> Iterator[str]:
    """What may be wrong with who asks."""
    if declared.shared:
        return
    who, needs = PERMISSIONS[declared.action], permissions.needs(declared.action)
    yield "scope"  # a key of a newspaper's system does what it is for and nothing else
    if who is not Who.EVERYONE or declared.action in EMBEDDED:
        yield "sign_in_required"
    if declared.csrf and declared.method != "GET":
        yield "csrf"
    if who.staff:
        yield "not_found"
    if needs.standing:
        yield from STANDING
    if needs.rules:
        yield "rules_not_accepted"
    if needs.entitlement:
        yield from (reason.value for reason in WHY_NOT)
