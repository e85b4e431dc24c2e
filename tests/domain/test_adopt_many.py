"""Fifty thousand customers are taken in within Stripe's limits, though the adoption is killed. `make test-long`."""

import random
import threading
import time

import pytest
import requests
from sqlalchemy import func, select

from app.billing import adopt
from app.models import Customer, StripeCursor, Subscription
from app.simulator import crowd
from tests.support.adopting import kill_after, known
from tests.support.paper import Paper

pytestmark = pytest.mark.long

MANY, KILLS, CHANGES = 50_000, 3, 40
MOST_CALLS_A_SECOND = 20
PAGES = 2 * MANY // 100


@pytest.fixture
def paper(paper: Paper) -> Paper:
    crowd.seed_many(paper.simulated, MANY)
    return paper


def at_stripe(paper: Paper) -> dict[str, tuple[str, str]]:
    """Customer and status of every subscription."""
    statement = (
        "SELECT id, body ->> '$.customer' AS customer, body ->> '$.status' AS status FROM objects WHERE type = ?"
    )
    return {row["id"]: (row["customer"], row["status"]) for row in paper.simulated.rows(statement, "subscription")}


def test_fifty_thousand_are_taken_in_once_though_it_is_killed_and_they_change(paper: Paper) -> None:
    subscriptions, chance = list(at_stripe(paper)), random.Random(7)
    adopted = threading.Event()

    def change() -> None:
        for subscription in chance.sample(subscriptions, CHANGES):
            paper.control(f"subscriptions/{subscription}/cancel")
            if adopted.wait(1):
                return

    changes = threading.Thread(target=change)
    changes.start()
    kills = 0
    began = time.monotonic()
    while kill_after(paper, chance.uniform(8, 25) if kills < KILLS else 1200):
        kills += 1
    seconds = time.monotonic() - began
    adopted.set()
    changes.join()
    traffic = requests.get(f"{paper.settings.stripe_api_base}/_sim/requests", timeout=10).json()
    asked = [traffic[f"GET /v1/{name}"] for name in ("customers", "subscriptions")]
    calls, peak = sum(each["total"] for each in asked), max(each["peak_per_second"] for each in asked)
    print(f"\n{MANY:,} customers: {seconds:.0f} s, {kills} kills, {calls:,} calls, at most {peak} in a second")

    assert kills == KILLS
    assert peak <= MOST_CALLS_A_SECOND
    assert PAGES <= calls <= PAGES + 2 * KILLS
    paper.work()  # what changed meanwhile was left to its own refresh
    with paper.database.reading() as session:
        assert {row.counted for row in session.scalars(select(StripeCursor))} == {MANY}
        assert adopt.tally(session) == {
            "customers": MANY,
            "customers without an account": MANY,
            "subscriptions": MANY,
            "subscriptions without an account": MANY,
        }
        tokens = select(func.count(Customer.email_token.distinct()))
        assert session.scalar(tokens) == MANY
    truth = at_stripe(paper)
    assert known(paper) == {(customer, subscription) for subscription, (customer, _) in truth.items()}
    with paper.database.reading() as session:
        rows = session.execute(select(Subscription.id, Subscription.status))
        ours = {row.id: row.status for row in rows}
    assert ours == {subscription: status for subscription, (_, status) in truth.items()}
    assert list(ours.values()).count("canceled") > KILLS
