"""The background work of billing: follow hints, and look again at what nobody told us about."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import names
from app.billing import ending, name_checks, subscriptions, sync, terminations
from app.billing.entitlement import CLOSED_STATUSES
from app.db import Database
from app.gateway.client import Stripe
from app.jobs.runner import Handler, Recurring
from app.models import Subscription
from config.policy import Policy

REPAIR = "stripe.repair"
RECURRING = (Recurring(REPAIR, every=timedelta(minutes=5)),)
STALE = timedelta(hours=26)
AFTER_PERIOD_END = timedelta(hours=2)
BATCH = 200


def handlers(policy: Policy, database: Database, stripe: Stripe) -> Mapping[str, Handler]:
    """What the worker runs for billing, by the kind of job."""

    def refresh(payload: dict[str, Any]) -> None:
        fetch = {sync.SUBSCRIPTION: subscriptions.refresh, sync.CUSTOMER: subscriptions.refresh_customer}
        fetch[payload["type"]](database, stripe, payload["id"])

    def repair(_payload: dict[str, Any]) -> None:
        with database.transaction() as session:
            mark_stale(session)
            terminations.resume(session)

    def terminate(payload: dict[str, Any]) -> None:
        ending.carry_out(database, stripe, policy, int(payload["termination_id"]))

    def check_name(payload: dict[str, Any]) -> None:
        name_checks.check(database, policy, stripe, int(payload["account_id"]))

    def check_names(payload: dict[str, Any]) -> None:
        with database.transaction() as session:
            name_checks.check_all(session, int(payload["after"]))

    return {
        sync.REFRESH: refresh,
        REPAIR: repair,
        terminations.TERMINATE: terminate,
        names.COMPARE: check_name,
        name_checks.CHECK_ALL: check_names,
    }


def mark_stale(session: Session) -> int:
    """Ask again for what was marked and never fetched, and for what we have not heard of for too long.

    It only marks: the one writer is `subscriptions.refresh`, so this races safely with webhooks. The number marked.
    """
    now = clock.now()
    silent = or_(
        Subscription.fetched_at < now - STALE,
        # its period is over and no renewal was heard of since
        (Subscription.period_end < now - AFTER_PERIOD_END) & (Subscription.fetched_at < now - AFTER_PERIOD_END),
    )
    living = Subscription.deleted.is_(False) & Subscription.status.not_in(CLOSED_STATUSES)
    stale = session.scalars(
        select(Subscription.id).where(living, silent).order_by(Subscription.fetched_at).limit(BATCH)
    )
    marks = {(sync.SUBSCRIPTION, identifier) for identifier in stale} | set(sync.unfinished(session, BATCH))
    for object_type, object_id in sorted(marks):
        sync.request(session, object_type, object_id)
    return len(marks)
