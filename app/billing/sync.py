"""How a hint becomes a fetch, and a fetch a write, so that the newest state wins whatever arrives when.

Each hint raises `requested_seq` of its object and leaves a job. A worker reads that number, asks Stripe, and may write
only while `applied_seq` is smaller. Any change after the worker's question raises the number again and brings another
fetch, so an answer that comes too late can be dropped without losing the last word. Nothing is locked over HTTP.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta

from sqlalchemy import Select, case, delete, exists, literal, select, update
from sqlalchemy.orm import Session

from app import clock
from app.db import insert
from app.gateway import events
from app.jobs import queue
from app.models import Job, StripeSync, Subscription
from app.models.job import DEAD, READY, RUNNING
from app.models.stripe_sync import BEHIND, RESTLESS

SUBSCRIPTION, CUSTOMER, CHARGE = events.SUBSCRIPTION, events.CUSTOMER, events.CHARGE
REFRESH = "stripe.refresh"
COUNTED_FOR = timedelta(hours=1)


def request(session: Session, object_type: str, object_id: str, *, patient: bool = False) -> None:
    """Mark the object as changed and leave a job to fetch it; hints that come in a burst share one.

    `object_type` is Stripe's name for it (app.gateway.events). `patient`: what is asked for otherwise goes first.
    """
    now = clock.now()
    statement = insert(session, StripeSync).values(
        object_type=object_type, object_id=object_id, requested_seq=1, applied_seq=0, behind_since=now
    )
    was_behind = StripeSync.applied_seq < StripeSync.requested_seq
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[StripeSync.object_type, StripeSync.object_id],
            set_={
                "requested_seq": StripeSync.requested_seq + 1,
                "behind_since": case((was_behind, StripeSync.behind_since), else_=now),
            },
        )
    )
    resume(session, object_type, object_id, patient=patient)


def request_subscriptions(session: Session, customer_id: str, but: Collection[str] = ()) -> set[str]:
    """Mark what we know of a customer's subscriptions, other than `but`; their ids."""
    theirs = select(Subscription.id).where(Subscription.customer_id == customer_id, Subscription.id.not_in(but))
    found = session.scalars(theirs.order_by(Subscription.id)).all()
    for subscription_id in found:
        request(session, SUBSCRIPTION, subscription_id)
    return set(found)


def resume(session: Session, object_type: str, object_id: str, *, patient: bool = False) -> None:
    """Leave a job for an object that is marked, unless one waits already."""
    queue.enqueue(
        session,
        REFRESH,
        {"type": object_type, "id": object_id},
        unique_key=_key(object_type, object_id),
        patient=patient,
    )


def lock(session: Session, object_type: str, object_id: str) -> None:
    """Hold what is known of an object's hints, where any came yet, until the transaction ends."""
    which = StripeSync.object_type == object_type, StripeSync.object_id == object_id
    session.execute(select(StripeSync.requested_seq).where(*which).with_for_update())


def requested(session: Session, object_type: str, object_id: str) -> int:
    """The sequence that a fetch beginning now may write under; 0 where there is nothing to follow."""
    row = session.get(StripeSync, (object_type, object_id))
    return row.requested_seq if row and row.applied_seq < row.requested_seq else 0


def accept(session: Session, object_type: str, object_id: str, seq: int) -> bool:
    """Whether what was fetched under `seq` is the newest so far: then the caller writes it, nobody what is older."""
    now = clock.now()
    counting = StripeSync.fetches_since > now - COUNTED_FOR
    accepted = session.execute(
        update(StripeSync)
        .where(
            StripeSync.object_type == object_type,
            StripeSync.object_id == object_id,
            StripeSync.applied_seq < seq,
        )
        .values(
            applied_seq=seq,
            behind_since=now,
            trouble=None,
            fetches=case((counting, StripeSync.fetches + 1), else_=1),
            fetches_since=case((counting, StripeSync.fetches_since), else_=now),
        )
        .returning(StripeSync.object_id)
    )
    return accepted.first() is not None


def accept_unheard(session: Session, object_type: str, object_ids: Iterable[str]) -> set[str]:
    """Those of the objects that nobody has ever hinted at or asked for: the caller may write what a list said of them.

    No number has to be read before the list is asked. A hint that came before this moment, even while the list was on
    its way, has left a row, and the object to its own refresh; one that comes later raises the number above ours. So
    what the list said is never written over anything newer, and never stays after a change that was told of.
    """
    accepted = {"object_type": object_type, "requested_seq": 1, "applied_seq": 1, "behind_since": clock.now()}
    rows = [{**accepted, "object_id": object_id} for object_id in sorted(object_ids)]
    if not rows:
        return set()
    statement = insert(session, StripeSync).values(rows).on_conflict_do_nothing()
    return set(session.scalars(statement.returning(StripeSync.object_id)))


def give_up(session: Session, object_type: str, object_id: str, seq: int, trouble: str) -> None:
    """What was answered under `seq` cannot be written, nor would asking again help: keep why until the next hint.

    `trouble` is a code: ours (models.stripe_sync) or Stripe's.
    """
    if accept(session, object_type, object_id, seq):
        which = StripeSync.object_type == object_type, StripeSync.object_id == object_id
        session.execute(update(StripeSync).where(*which).values(trouble=trouble))


def resume_unfinished(session: Session, limit: int) -> int:
    """Leave a job for the marked objects that have lost theirs; their number, at most `limit`."""
    key = literal(f"{REFRESH}:") + StripeSync.object_type + ":" + StripeSync.object_id
    lost = ~exists().where(Job.unique_key == key, Job.state.in_((READY, RUNNING)))
    marks = session.execute(_behind().where(lost).limit(limit)).all()
    for object_type, object_id in sorted(tuple(mark) for mark in marks):
        session.execute(delete(Job).where(Job.unique_key == _key(object_type, object_id), Job.state == DEAD))
        resume(session, object_type, object_id)
    return len(marks)


def unfinished(session: Session, limit: int) -> list[tuple[str, str]]:
    """Objects as (type, id) whose newest hint has not been followed yet."""
    return [(object_type, object_id) for object_type, object_id in session.execute(_behind().limit(limit))]


def restless(limit: int) -> Select[str]:
    """Ids of objects that are fetched again and again, far oftener than anything happens to them."""
    recent = StripeSync.fetches_since > clock.now() - COUNTED_FOR
    return select(StripeSync.object_id).where(RESTLESS, recent).limit(limit)


def _behind() -> Select[str, str]:
    return select(StripeSync.object_type, StripeSync.object_id).where(BEHIND)


def _key(object_type: str, object_id: str) -> str:
    return f"{REFRESH}:{object_type}:{object_id}"
