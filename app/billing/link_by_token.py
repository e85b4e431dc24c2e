"""A subscription linked by the paper's word: its own site knows who has signed in there, and which customer they are.

It sends its reader here with a voucher, a JWT signed with a secret that we share (BTL_SSO_SECRET, HS256): `aud` is our
address, `stripe_customer` the customer, `jti` its own number; from `iat` to `exp` are ten minutes at most. A voucher
is good once. A log-in by the paper's account (SSO) may hand what its token says to `link` just as well.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OctKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import one_time_tokens
from app.billing import links
from app.billing.links import LinkOutcome, Proof
from app.errors import Malformed, NotFound
from app.language import mark
from app.models import Customer
from config.policy import HouseRules
from config.settings import Settings

ALGORITHM = "HS256"
LONGEST_LIFE_SECONDS = 600
# the clocks of two sites
SKEW_SECONDS = 60
_CUSTOMER = re.compile(r"cus_[A-Za-z0-9_]{1,200}")
EXPIRED = mark("This link is too old. Please go back to the page that you came from, and open it again.")
INVALID = mark("This link cannot be right. Please go back to the page that you came from, and open it again.")
USED = mark("This link has been used already. Please go back to the page that you came from, and open it again.")


@dataclass(frozen=True)
class Voucher:
    """What the paper's site vouches for: that its signed-in reader is this customer at Stripe."""

    customer_id: str
    nonce: str
    expires_at: datetime


def read(settings: Settings, token: str) -> Voucher:
    """The voucher, if the paper signed it for us and it is still good.

    Raises Malformed (422: voucher_expired, voucher_invalid), and NotFound where no secret is shared.
    """
    if not settings.sso_secret:
        raise NotFound
    try:
        claims = jwt.decode(token, OctKey.import_key(settings.sso_secret), algorithms=[ALGORITHM]).claims
        _registry(settings).validate(claims)
        return _voucher(claims)
    except ExpiredTokenError as error:
        raise Malformed("voucher_expired", EXPIRED, field="token") from error
    except (JoseError, ValueError, TypeError, OverflowError, KeyError, RecursionError) as error:
        raise Malformed("voucher_invalid", INVALID, field="token") from error


def link(session: Session, settings: Settings, house: HouseRules, account_id: int, voucher: Voucher) -> LinkOutcome:
    """Link the customer to the account. Raises Malformed voucher_used where somebody has used the voucher before."""
    fresh = one_time_tokens.spend_foreign(
        session, settings, voucher.nonce, account_id, voucher.customer_id, voucher.expires_at
    )
    if not fresh:
        owner = session.scalar(select(Customer.account_id).where(Customer.id == voucher.customer_id))
        if owner != account_id:
            raise Malformed("voucher_used", USED, field="token")
    return links.link(session, house, voucher.customer_id, account_id, Proof.PAPER)


def _registry(settings: Settings) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=lambda: int(clock.now().timestamp()),
        leeway=SKEW_SECONDS,
        aud={"essential": True, "value": settings.public_url},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
        stripe_customer={"essential": True},
    )


def _voucher(claims: dict[str, object]) -> Voucher:
    """What the claims say in their types. Raises ValueError and TypeError."""
    begins, ends, nonce, customer = (claims[name] for name in ("iat", "exp", "jti", "stripe_customer"))
    if not isinstance(begins, int | float) or not isinstance(ends, int | float):
        raise TypeError("expected seconds")
    if not isinstance(nonce, str) or not isinstance(customer, str):
        raise TypeError("expected texts")
    if (
        not 0 < ends - begins <= LONGEST_LIFE_SECONDS
        or not (16 <= len(nonce) <= 200 and nonce.isprintable())
        or not _CUSTOMER.fullmatch(customer)
    ):
        raise ValueError("out of bounds")
    return Voucher(customer, nonce, datetime.fromtimestamp(ends, UTC))
