"""Would the proof of the interleavings notice? Each of these bugs is planted in the real code, and it does."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import case, update
from sqlalchemy.orm import Session

from app.billing import inbox, sync
from app.db import insert_once
from app.gateway import events
from app.gateway import subscriptions as at_stripe
from app.gateway.client import Object, Stripe
from app.jobs import queue
from app.models import StripeSync
from tests.support.billing_proof import Proof
from tests.support.planted import find
from tests.support.schedules import TOLD, plans_with
from tests.support.stripe_changes import STATUSES

# each of these can always happen and shows in the row: what goes wrong has the more chances
SCHEDULED = ("end scheduled by time", "end scheduled by flag", "end withdrawn")
# nothing is told of what happens: only a comparison finds it
LOST: list[tuple[bool, ...]] = [()]
CHANGES = [*STATUSES, *SCHEDULED, "renewed", "paused as void", "pause over"]


def overwrite_with_stale_answers(patch: pytest.MonkeyPatch) -> None:
    """Every answer is written, and the highest number kept."""

    def accept(session: Session, object_type: str, object_id: str, seq: int) -> bool:
        newest = case((StripeSync.applied_seq < seq, seq), else_=StripeSync.applied_seq)
        row = (StripeSync.object_type == object_type) & (StripeSync.object_id == object_id)
        session.execute(update(StripeSync).where(row).values(applied_seq=newest))
        return True

    patch.setattr(sync, "accept", accept)


def read_the_sequence_at_the_write(patch: pytest.MonkeyPatch) -> None:
    """The number under which an answer is written is that of the moment of writing."""
    accept = sync.accept

    def late(session: Session, object_type: str, object_id: str, _seq: int) -> bool:
        return accept(session, object_type, object_id, sync.requested(session, object_type, object_id))

    patch.setattr(sync, "accept", late)


def do_not_raise_the_mark(patch: pytest.MonkeyPatch) -> None:
    """A hint leaves a job, but only the first raises the number."""

    def request(session: Session, object_type: str, object_id: str, **_options: object) -> None:
        named = {"object_type": object_type, "object_id": object_id}
        insert_once(session, StripeSync, **named, requested_seq=1, applied_seq=0)
        key = f"{sync.REFRESH}:{object_type}:{object_id}"
        queue.enqueue(session, sync.REFRESH, {"type": object_type, "id": object_id}, unique_key=key)

    patch.setattr(sync, "request", request)


def do_not_reconcile(patch: pytest.MonkeyPatch) -> None:
    """Who relies on webhooks alone believes that none is ever lost."""
    patch.setattr(Proof, "reconcile", lambda _proof: None)


def trust_the_payload(patch: pytest.MonkeyPatch) -> None:
    """What the event that came last says of the subscription is written."""
    said: dict[str, Object] = {}
    receive, retrieve = inbox.receive, at_stripe.retrieve

    def listen(session: Session, event: events.Event, body: bytes, **options: Any) -> inbox.EventOutcome:
        subject = json.loads(body).get("data", {}).get("object", {})
        if subject.get("object") == "subscription":
            said[subject["id"]] = subject
        return receive(session, event, body, **options)

    def repeat(stripe: Stripe, identifier: str) -> Object | None:
        return said.get(identifier) or retrieve(stripe, identifier)

    patch.setattr(inbox, "receive", listen)
    patch.setattr(at_stripe, "retrieve", repeat)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("plant", "told"),
    [
        (overwrite_with_stale_answers, TOLD),
        (read_the_sequence_at_the_write, TOLD),
        (do_not_raise_the_mark, TOLD),
        (do_not_reconcile, LOST),
        (trust_the_payload, TOLD),
    ],
)
def test_a_planted_bug_is_found(
    proof: Proof,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
    told: list[tuple[bool, ...]],
) -> None:
    plant(monkeypatch)
    find(proof, plans_with(told, CHANGES, targets=[0]), plant.__name__)
