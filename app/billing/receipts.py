"""A letter that confirms a cancellation: what was cancelled, when, and until when its reader may write. Law asks for a
receipt that lasts.

It is caused by the state that was fetched, by whichever way the reader cancelled, and written with it by whoever may
write that (sync.accept): once for each cancellation, whatever crashes and however often it is told.
"""

from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.billing.entitlement import FINAL
from app.gateway.snapshot import SubscriptionSnapshot
from app.mail import letters
from app.models import Termination
from app.models.letter import SUBSCRIPTION_CANCELLED
from app.models.termination import APPROVED, DONE

# within which the end of what moderators decided is heard of
LATELY = timedelta(days=1)


def confirm(session: Session, account_id: int, ends_before: datetime | None, snapshot: SubscriptionSnapshot) -> None:
    """Write to the reader if a subscription that went on by itself (`ends_before`: when it was to end) does no more.

    Whoever loses it by their moderators' word is told that by another letter.
    """
    ends, now = snapshot.cancel_at, clock.now()
    if ends is None or ends_before is not None or ends <= now or snapshot.status in FINAL:
        return
    lately = or_(Termination.done_at.is_(None), Termination.done_at > now - LATELY)
    by_us = exists().where(Termination.subscription_id == snapshot.id, Termination.state.in_((APPROVED, DONE)), lately)
    if not session.scalar(select(by_us)):
        moments = {"at": (snapshot.cancelled_at or now).isoformat(), "until": ends.isoformat()}
        letters.write(session, account_id, SUBSCRIPTION_CANCELLED, moments)
