"""The background work of billing: follow hints, and look again at what nobody told us about."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import names
from app.billing import charges, checkout, customers, methods, related_objects, reminders, subscriptions, sync
from app.billing.entitlement import CLOSED_STATUSES
from app.db import Database
from app.gateway import events
from app.gateway.client import StripeRefused, WrongMode
from app.gateway.events import NotAnEvent
from app.gateway.related_objects import RETRIEVE
from app.gateway.values import MalformedObject
from app.installation import Installation
from app.jobs import queue
from app.jobs.runner import Handler, Recurring
from app.models import Subscription
from app.payers import name_checks

REPAIR = "stripe.repair"
RECURRING = (Recurring(REPAIR, every=timedelta(minutes=5)),)
STALE_AFTER = timedelta(hours=26)
AFTER_PERIOD_END = timedelta(hours=2)
BATCH_SUBSCRIPTIONS = 200
log = structlog.get_logger()


def refreshers(it: Installation) -> Mapping[str, Callable[[str], object]]:
    """How the object of an id is asked for and written, by Stripe's name of its type."""
    return {
        events.SUBSCRIPTION: partial(subscriptions.refresh, it),
        events.CUSTOMER: partial(customers.refresh, it),
        events.CHARGE: partial(charges.refresh, it),
        events.PAYMENT_METHOD: partial(methods.refresh, it),
        events.CHECKOUT_SESSION: partial(checkout.refresh, it),
        **{kind: partial(related_objects.refresh, it, kind) for kind in RETRIEVE},
    }


def handlers(it: Installation) -> Mapping[str, Handler]:
    """What the worker runs for billing, by the kind of job."""
    by_type = refreshers(it)

    def in_transaction(act: Callable[[Session, dict[str, Any]], object]) -> Handler:
        def work(payload: dict[str, Any]) -> None:
            with it.database.transaction() as session:
                act(session, payload)

        return work

    return {
        sync.REFRESH: lambda job: follow(it.database, by_type, job["type"], job["id"]),
        REPAIR: in_transaction(lambda session, _job: repair(session)),
        reminders.LOOK_AGAIN: in_transaction(
            lambda session, job: reminders.look_again(session, job["subscription_id"])
        ),
        names.COMPARE: lambda job: name_checks.check(it, int(job["account_id"])),
        name_checks.CHECK_ALL: in_transaction(lambda session, job: name_checks.check_all(session, int(job["after"]))),
    }


def follow(database: Database, by_type: Mapping[str, Callable[[str], object]], kind: str, identifier: str) -> None:
    """Ask for an object and write it. Where asking again would bring the same, somebody has to look: it is left marked.

    Raises StripeUnavailable where another try may help.
    """
    with database.reading() as session:
        seq = sync.requested(session, kind, identifier)
    try:
        by_type[kind](identifier)
    except WrongMode:
        trouble = "wrong_mode"
    except (MalformedObject, NotAnEvent):
        trouble = "malformed"
    except StripeRefused as refusal:
        trouble = refusal.reason or "refused"
    else:
        return
    log.error("an object at stripe cannot be followed", type=kind, id=identifier, trouble=trouble)
    with database.transaction() as session:
        sync.give_up(session, kind, identifier, seq, trouble)


def repair(session: Session) -> None:
    """Ask again for what was not heard of, and put back into the queue what has fallen out of it."""
    mark_stale(session)
    sync.resume_unfinished(session, BATCH_SUBSCRIPTIONS)
    queue.hasten(session, sync.REFRESH)


def mark_stale(session: Session) -> int:
    """Ask again for what we have not heard of for too long.

    It only marks: the one writer is `subscriptions.refresh`, so this races safely with webhooks. The number marked.
    """
    now = clock.now()
    silent = or_(
        Subscription.fetched_at < now - STALE_AFTER,
        # its period is over and no renewal was heard of since
        (Subscription.period_end < now - AFTER_PERIOD_END) & (Subscription.fetched_at < now - AFTER_PERIOD_END),
    )
    living = Subscription.deleted.is_(False) & Subscription.status.not_in(CLOSED_STATUSES)
    stale = session.scalars(
        select(Subscription.id).where(living, silent).order_by(Subscription.fetched_at).limit(BATCH_SUBSCRIPTIONS)
    )
    marks = sorted(stale)
    for identifier in marks:
        sync.request(session, sync.SUBSCRIPTION, identifier)
    return len(marks)
