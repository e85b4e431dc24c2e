"""Several workers at one unpaid subscription, told of over and over, and one that dies: one letter for each invoice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.billing import reminders, subscriptions, sync
from app.db import Database, retrying
from app.gateway.client import Stripe
from app.models import Letter, Subscription
from app.models.letter import PAYMENT_DUE
from app.simulator import lifecycle, shapes
from config.policy import Policy
from config.settings import SIMULATED_PRICE, Settings
from tests.paper import Paper, living_paper
from tests.together import at_once

WORKERS = 4
ROUNDS = 3


@pytest.fixture
def paper(settings: Settings, policy: Policy, database: Database, tmp_path: Path) -> Iterator[Paper]:
    with living_paper(settings, policy, database, tmp_path) as found:
        found.control("knobs", drop_percent=100)
        yield found


@pytest.fixture
def unpaid(paper: Paper) -> str:
    """The id of a subscription whose renewal was declined, unheard."""
    with paper.simulated.transaction():
        customer = paper.simulated.save("customer", shapes.customer("reader@example.org", None, {}))
        metadata = {"account_id": str(paper.reader.id)}
        made = lifecycle.create_subscription(paper.simulated, customer["id"], SIMULATED_PRICE, metadata)
        lifecycle.advance(paper.simulated, made, payment="fails")
    return str(made["id"])


def hint_and_refresh(paper: Paper, subscription: str) -> None:
    @retrying
    def hint() -> None:
        with paper.database.transaction() as session:
            sync.request(session, sync.SUBSCRIPTION, subscription)

    hint()
    subscriptions.refresh(paper.database, Stripe(paper.settings), paper.settings, paper.policy, subscription)


def letters(paper: Paper) -> int:
    with paper.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Letter).where(Letter.kind == PAYMENT_DUE)) or 0


def test_workers_at_once_send_one_letter(paper: Paper, unpaid: str) -> None:
    for _ in range(ROUNDS):
        at_once(lambda _number: hint_and_refresh(paper, unpaid), WORKERS)
    assert letters(paper) == 1


def test_a_worker_that_dies_after_the_letter_was_written_leaves_none(
    paper: Paper, unpaid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = reminders.remind

    def dies(*arguments: object) -> bool:
        written(*arguments)  # type: ignore[arg-type]
        raise SystemExit

    monkeypatch.setattr(reminders, "remind", dies)
    with pytest.raises(SystemExit):
        hint_and_refresh(paper, unpaid)
    assert letters(paper) == 0
    monkeypatch.undo()
    hint_and_refresh(paper, unpaid)
    with paper.database.reading() as session:
        noted = session.get_one(Subscription, unpaid).reminded_invoice
    assert (letters(paper), noted) == (1, paper.simulated.get("subscription", unpaid)["latest_invoice"])
