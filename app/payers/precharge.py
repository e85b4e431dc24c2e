"""Before money moves: may this be paid with? Where a paper takes payments on its own pages, it asks this first.

Refused is only what a banned reader is known by, and only to another account: who is banned themselves may buy reading.
Nothing is kept of what was asked, neither of who is refused nor of who is not: no payment was made, and the same card
comes again with the first one that is.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import selves
from app.errors import Forbidden, NotFound
from app.gateway import fingerprints, instruments
from app.installation import Installation
from app.language import mark
from app.models import PaymentCase
from app.models.payment_case import ALLOWED, POSSIBLE_RETURN
from app.models.trait import STRONG
from app.payers import identities, returns

CONFIRMATION_PREFIX = "ctoken_"


class PayerBanned(Forbidden):
    """403: what somebody was about to pay with belongs to a ban; whose it is, is not told."""

    code = "payment_identity_banned"
    sentence = mark(
        "A reader who may not comment here any more has paid in this way before, so you could not comment with it "
        "until we have looked at it. Nothing has been charged. You can pay in another way, or write to us."
    )


def check(it: Installation, account_id: int, confirmation_token: str) -> None:
    """Look at what a reader has entered at Stripe (a ConfirmationToken) before it is confirmed.

    Raises PayerBanned, NotFound (Stripe knows no such token) and StripeUnavailable.
    """
    is_one = confirmation_token.startswith(CONFIRMATION_PREFIX)
    raw = instruments.confirmation_token(it.stripe, confirmation_token) if is_one else None
    if raw is None:
        raise NotFound
    entered = [seen for seen in fingerprints.of(raw) if seen.kind in STRONG]
    known = {token.value for token in identities.tokens(it.settings, entered)}
    with it.database.reading() as session:
        if returns.bans_known_by(session, account_id, known) - _allowed(session, account_id):
            raise PayerBanned


def _allowed(session: Session, account_id: int) -> set[int]:
    """The banned readers whom this account has been told apart from."""
    pairs = select(PaymentCase.reference).where(
        PaymentCase.account_id.in_(selves.of_mailbox(account_id)),
        PaymentCase.kind == POSSIBLE_RETURN,
        PaymentCase.outcome == ALLOWED,
    )
    return {int(reference) for reference in session.scalars(pairs)}
