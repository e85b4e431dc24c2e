"""What the paper says of somebody who is signed in there: a JWT that it has signed, to be exchanged here once.

`aud` names us, one newspaper, and what the token is for: a page of the paper, which lets its reader comment, or our own
pages with all that the account has. Any script on an article could take the first kind, so it is never good for the
second. `jti` is the token's own number, from `iat` to `exp` are ten minutes at most. What we take from it is in
ForeignLogIn; whatever else it says, roles above all, counts for nothing.
"""

import json
import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from app import clock
from app.errors import Malformed
from app.installation import Installation
from app.language import mark
from app.sign_in import paper_keys
from app.sign_in.foreign_log_in import SSO, ForeignLogIn
from app.sign_in.paper_keys import OneAlgorithm
from app.stories import sites
from app.stories.sites import SiteSnapshot
from config.settings import Settings

LONGEST_LIFE_SECONDS = 600
# the clocks of two sites
SKEW_SECONDS = 60
MOST_CHARACTERS = 3500
MOST_CHARACTERS_OF_A_SUBJECT = 200
FEWEST_CHARACTERS_OF_A_NUMBER, MOST_CHARACTERS_OF_A_NUMBER = 16, 200
_CUSTOMER = re.compile(r"cus_[A-Za-z0-9_]{1,200}")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*")
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# the end of the year 9999: what is later is no number of seconds, but one of milliseconds, say
LAST_MOMENT = 253402300799
# "for good", as papers say it in several ways: the end of the year 2099
LAST_ENTITLED = 4102444799

INVALID = mark("What the paper says of you cannot be read, or the paper has not signed it.")
EXPIRED = mark("What the paper says of you is too old. Please go back to the paper and sign in again.")
NOT_FOR_US = mark("What the paper says of you is not meant for this newspaper.")
OF_ANOTHER_TIME = mark("What the paper says of you is good for too long, or not yet.")
CLAIM = mark("What the paper says of you lacks something, or has something of the wrong kind: %(claim)s.")


@dataclass(frozen=True)
class PaperToken:
    """A good one: of which newspaper, its own number, until when it is good, and who signs in with it."""

    text: str
    site: SiteSnapshot
    number: str
    expires_at: datetime
    log_in: ForeignLogIn


def audience(settings: Settings, site_key: str, *, for_account: bool = False) -> str:
    """What a token for the pages of a newspaper, or for our own pages, must have for `aud`."""
    return f"{settings.public_url}/sites/{site_key}{'/account' if for_account else ''}"


def read(it: Installation, token: str, *, for_account: bool = False) -> PaperToken:
    """The token, if the paper signed it for one of our newspapers and for this, and it is still good.

    Raises NotFound where no key is set, Malformed (422: sso_invalid, sso_key, sso_expired, sso_lifetime, sso_audience,
    sso_claim). May wait for the paper's keys: call it outside of a transaction.
    """
    claims = _signed(it.settings, token)
    begins, ends = (_seconds(claims, name) for name in ("iat", "exp"))
    _require_time(begins, ends, claims)
    said = claims.get("aud")
    meant = {audience(it.settings, site.key, for_account=for_account): site for site in sites.known(it.database)}
    site = meant.get(said) if isinstance(said, str) else None
    if site is None:
        raise Malformed("sso_audience", NOT_FOR_US, field="token")
    number = _text(claims, "jti") or ""
    if not (FEWEST_CHARACTERS_OF_A_NUMBER <= len(number) <= MOST_CHARACTERS_OF_A_NUMBER and number.isprintable()):
        raise _wrong("jti")
    rules = sites.rules_of(site, it.house)
    log_in = _log_in(claims, mailbox_confirmed=rules.sso.mailboxes_verified)
    return PaperToken(token, site, number, datetime.fromtimestamp(ends, UTC), log_in)


def _signed(settings: Settings, token: str) -> dict[str, Any]:
    """What stands in a token whose signature is good. Raises Malformed and NotFound."""
    if len(token) > MOST_CHARACTERS:
        raise _invalid()
    key = paper_keys.find(settings, key_id(token))
    try:
        return jwt.decode(token, key.key, registry=OneAlgorithm(key.algorithm)).claims
    except (JoseError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise _invalid() from error


def key_id(token: str) -> str | None:
    """By which key a token says that it is signed. Raises Malformed sso_invalid."""
    try:
        if not _TOKEN.fullmatch(token):
            raise ValueError
        head = token.partition(".")[0]
        header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        found = header.get("kid")
    except (ValueError, AttributeError, RecursionError) as error:
        raise _invalid() from error
    if found is not None and not isinstance(found, str):
        raise _invalid()
    return found


def _require_time(begins: float, ends: float, claims: dict[str, Any]) -> None:
    now = clock.now().timestamp()
    later = _seconds(claims, "nbf") if "nbf" in claims else begins
    if not 0 < ends - begins <= LONGEST_LIFE_SECONDS or max(begins, later) > now + SKEW_SECONDS:
        raise Malformed("sso_lifetime", OF_ANOTHER_TIME, field="token")
    if ends <= now:
        raise Malformed("sso_expired", EXPIRED, field="token")


def _log_in(claims: dict[str, Any], *, mailbox_confirmed: bool) -> ForeignLogIn:
    subject, name = _text(claims, "sub") or "", _text(claims, "name") or ""
    if not (0 < len(subject) <= MOST_CHARACTERS_OF_A_SUBJECT and subject.isprintable()):
        raise _wrong("sub")
    customer = _text(claims, "stripe_customer")
    if customer is not None and not _CUSTOMER.fullmatch(customer):
        raise _wrong("stripe_customer")
    until = _seconds(claims, "entitled_until") if claims.get("entitled_until") is not None else None
    return ForeignLogIn(
        provider=SSO,
        subject=subject,
        email=_text(claims, "email"),
        mailbox_confirmed=mailbox_confirmed,
        name=name if name.isprintable() else "",
        language=language(_text(claims, "locale")),
        customer_id=customer,
        entitled_until=None if until is None else datetime.fromtimestamp(min(until, LAST_ENTITLED), UTC),
    )


def language(tag: str | None) -> str | None:
    """The language of a tag such as `de-CH`; None for what is no tag."""
    found = _LANGUAGE.fullmatch(tag or "")
    return found[1].lower() if found else None


def _seconds(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    # no comparison with what is no number is true
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= LAST_MOMENT:
        raise _wrong(name)
    return value


def _text(claims: dict[str, Any], name: str) -> str | None:
    """A claim that is a text, or null, or not there."""
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong(name)
    return value


def _wrong(name: str) -> Malformed:
    return Malformed("sso_claim", CLAIM, field="token", claim=name)


def _invalid() -> Malformed:
    return Malformed("sso_invalid", INVALID, field="token")
