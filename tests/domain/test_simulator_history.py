"""A demonstration's subscribers have a past, and the rule of who may write reads it as it was meant."""

from datetime import timedelta
from pathlib import Path

import pytest

from app import clock
from app.billing import facts, subscriptions
from app.billing.entitlement import Reason
from app.billing.snapshot import normalise_subscription
from app.db import Database
from app.simulator import catalog, history
from app.simulator.history import Outcome
from app.simulator.store import Store
from config.policy import Policy
from config.settings import SIMULATED_PRODUCT
from tests import factories

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("outcome", "days_ago", "reason", "days_left"),
    [
        ("active", 0, Reason.ACTIVE, (3, 35)),
        ("ending", 0, Reason.ACTIVE, (0, 32)),
        ("past_due", 3, Reason.PAST_DUE_GRACE, (3.9, 4.1)),
        ("past_due", 12, Reason.PAST_DUE, None),
        ("lapsed", 20, Reason.ENDED, None),
        ("trial", 0, Reason.TRIAL, None),
    ],
)
def test_each_outcome_reads_as_it_was_meant(
    database: Database,
    policy: Policy,
    tmp_path: Path,
    outcome: Outcome,
    days_ago: float,
    reason: Reason,
    days_left: tuple[float, float] | None,
) -> None:
    store, now = Store(tmp_path / "stripe.db"), clock.now()
    catalog.seed(store)
    with database.transaction() as session:
        site = factories.site(session, products=(SIMULATED_PRODUCT,))
        reader = factories.account(session)
        told = history.tell(
            store, reader.id, reader.email, outcome, since=now - 400 * DAY, turned_at=now - days_ago * DAY
        )
        subscriptions.write(session, normalise_subscription(told), history.first_unpaid_at(store, told))
        answer = facts.entitlement(session, reader.id, site, clock.now(), policy)
    assert answer.reason is reason
    assert answer.allowed == (days_left is not None)
    if days_left is not None:
        assert answer.until is not None
        assert days_left[0] <= (answer.until - now) / DAY <= days_left[1]
    assert store.rows("SELECT id FROM deliveries") == []
