"""The deliveries as a queue: which one is next, and what follows from what the receiver answered.

A webhook is one sender's at a time, so that a slow receiver keeps one of them waiting and no more, and of one subject
the next event leaves when the earlier one has arrived or was given up. A sender that died holds it for LEASE_TIME.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, select, update
from sqlalchemy.orm import Session, aliased

from app import clock
from app.db import find_locked, shared
from app.models import Webhook, WebhookDelivery
from app.models.base import Instant
from app.models.webhook import FAILING, GONE
from app.models.webhook_delivery import DEAD, DELIVERED, WAITING

# longer than a sender can be at one (outgoing.MOST_SECONDS), unless it is not at it any more
LEASE_TIME = timedelta(seconds=30)
# between one attempt and the next
WAITS = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5)),
    *(timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24)),
)
# a delivery that fails after so long is given up; a webhook for which nothing else has come for so long is paused
PATIENCE = timedelta(days=3)
# of so many failures in a row it is the receiver that is away, and each next attempt waits twice as long, at most:
RESTS_AFTER, LONGEST_REST = 3, timedelta(minutes=10)


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt: a status or a code, and whether that means that the receiver has it."""

    answer: str
    arrived: bool = False
    gone: bool = False
    # how long it wants to be left alone
    wait: timedelta = timedelta()


@dataclass(frozen=True)
class TakenDelivery:
    """A delivery taken by a sender until `until`, which tells it from whoever takes the webhook after that."""

    webhook: Webhook
    delivery: WebhookDelivery
    until: datetime


def is_any_due(session: Session) -> bool:
    """Whether there is one to take; a read, so that idle senders never take the write lock."""
    return session.scalar(_is_any_due(), {"now": clock.now()}) is not None


@cache
def _is_any_due() -> Select[int]:
    """Kept, as every idle sender asks it twice a second."""
    return shared(select(Webhook.id).where(_free(bindparam("now", type_=Instant()))).limit(1))


def take(session: Session) -> TakenDelivery | None:
    """The delivery that is next, if any is due: of the webhook that was served longest ago."""
    now = clock.now()
    free = select(Webhook).where(_free(now)).order_by(Webhook.free_at).limit(1)
    webhook = session.scalars(free.with_for_update(skip_locked=True, key_share=True)).first()
    if webhook is None:
        return None
    theirs = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook.id, _due(now))
    delivery = session.scalars(theirs.order_by(WebhookDelivery.next_at, WebhookDelivery.id).limit(1)).first()
    if delivery is None:
        return None
    webhook.free_at = now + LEASE_TIME
    return TakenDelivery(webhook, delivery, webhook.free_at)


def settle(session: Session, taken: TakenDelivery, outcome: Outcome) -> None:
    """Write down what came of it. What has arrived has arrived, also if another sender has the webhook meanwhile."""
    webhook = find_locked(session, Webhook, Webhook.id == taken.webhook.id)
    mine = webhook is not None and webhook.free_at == taken.until
    if webhook is None or not (mine or outcome.arrived):
        return
    delivery = session.get(WebhookDelivery, taken.delivery.id)
    if delivery is None or delivery.state != WAITING:
        return
    now = clock.now()
    delivery.attempts, delivery.tried_at, delivery.answer = delivery.attempts + 1, now, outcome.answer
    if outcome.arrived:
        delivery.state = DELIVERED
    elif now - delivery.asked_at >= PATIENCE:
        delivery.state = DEAD
    else:
        wait = WAITS[min(delivery.attempts, len(WAITS)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311
        delivery.next_at = now + max(wait, min(outcome.wait, WAITS[-1]))
    if mine:
        _remember(session, webhook, outcome, now)


def _remember(session: Session, webhook: Webhook, outcome: Outcome, now: datetime) -> None:
    """How the receiver is."""
    webhook.free_at = now
    if outcome.arrived:
        if webhook.failures >= RESTS_AFTER:
            hasten(session, webhook.id, now)
        webhook.failures, webhook.failing_since = 0, None
        return
    webhook.failures += 1
    webhook.failing_since = webhook.failing_since or now
    if webhook.failures >= RESTS_AFTER:
        webhook.free_at = now + min(LONGEST_REST, timedelta(seconds=2 ** min(webhook.failures, 10)))
    webhook.free_at = max(webhook.free_at, now + min(outcome.wait, LONGEST_REST))
    if outcome.gone:
        webhook.paused_at, webhook.paused_for = now, GONE
    elif now - webhook.failing_since >= PATIENCE:
        webhook.paused_at, webhook.paused_for = now, FAILING


def hasten(session: Session, webhook_id: int, now: datetime) -> None:
    """The receiver is back: all that waits is tried now."""
    waiting = WebhookDelivery.webhook_id == webhook_id, WebhookDelivery.state == WAITING, WebhookDelivery.next_at > now
    session.execute(update(WebhookDelivery).where(*waiting).values(next_at=now))


def _free(now: Any) -> ColumnElement[bool]:
    """Of webhooks to which something is to be sent now."""
    due = exists().where(WebhookDelivery.webhook_id == Webhook.id, _due(now))
    return and_(Webhook.paused_at.is_(None), Webhook.free_at <= now, due)


def _due(now: Any) -> Any:
    """Of deliveries whose time has come, and before which none of the same subject waits."""
    earlier = aliased(WebhookDelivery)
    first = ~exists().where(
        earlier.webhook_id == WebhookDelivery.webhook_id,
        earlier.subject_id == WebhookDelivery.subject_id,
        earlier.id < WebhookDelivery.id,
        earlier.state == WAITING,
    )
    return (WebhookDelivery.state == WAITING) & (WebhookDelivery.next_at <= now) & first
