"""Several workers at one unpaid subscription, told of over and over, and one that dies: one letter for each invoice."""

import pytest
from sqlalchemy import func, select

from app.billing import reminders, subscriptions, sync
from app.db import retrying
from app.models import Letter, Subscription
from app.models.letter import PAYMENT_DUE
from app.simulator import lifecycle
from tests.support.paper import Paper
from tests.support.together import at_once

WORKERS = 4
ROUNDS = 3


@pytest.fixture
def paper(paper: Paper) -> Paper:
    paper.control("knobs", drop_percent=100)
    return paper


@pytest.fixture
def unpaid(paper: Paper) -> str:
    """The id of a subscription whose renewal was declined, unheard."""
    subscription = paper.sold(account_id=paper.reader.id)
    with paper.simulated.transaction():
        lifecycle.advance(paper.simulated, paper.simulated.get("subscription", subscription), payment="fails")
    return subscription


def hint_and_refresh(paper: Paper, subscription: str) -> None:
    @retrying
    def hint() -> None:
        with paper.database.transaction() as session:
            sync.request(session, sync.SUBSCRIPTION, subscription)

    hint()
    subscriptions.refresh(paper.it, subscription)


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
