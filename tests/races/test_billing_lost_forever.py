"""Stripe falls silent, for good: what we know runs out, and no clock brings it back."""

from datetime import datetime, timedelta

import pytest
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import worker
from app.models import Account, Subscription
from tests.support.assembled import assembled
from tests.support.billing_proof import Proof
from tests.support.schedules import Plan, plans
from tests.support.stripe_changes import VERBS

waits = st.lists(st.integers(1, 20 * 24), min_size=1, max_size=4)


def silence() -> None:
    raise stripe.APIConnectionError("nobody answers")  # type: ignore[no-untyped-call]


def last_moment(proof: Proof, account: Account) -> datetime:
    """When the last of what we know of the account has run out, whatever its status."""
    rule = proof.stage.house.at({}).entitlement
    with proof.stage.database.reading() as session:
        rows = session.scalars(select(Subscription).where(Subscription.account_id == account.id)).all()
    ends = [row.period_end + timedelta(days=rule.lease_days) for row in rows if row.period_end]
    grace = timedelta(days=rule.past_due_grace_days)
    ends += [row.first_failure_at + grace for row in rows if row.first_failure_at]
    return max(ends, default=proof.stage.now)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_access_ends_with_the_lease_and_never_comes_back(proof: Proof) -> None:
    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(plans(list(VERBS)), waits)
    def play(plan: Plan, hours: list[int]) -> None:
        proof.play(plan)
        proof.stage.truth.gate = silence
        runner = worker.runner(
            assembled(proof.stage.settings, proof.stage.house, proof.stage.database, stripe=proof.stage.client)
        )
        runner.plan()
        readers = (proof.faithful, proof.banned)
        ends = [last_moment(proof, reader) for reader in readers]
        allowed = [proof.entitlement(reader).allowed for reader in readers]
        # to the end of all leases: a play may have renewed for months ahead
        rest = (max(ends) - proof.stage.now) // timedelta(hours=1) + 1
        for wait in (*hours, max(1, rest)):
            proof.stage.now += timedelta(hours=wait)
            runner.run_all()
            before, allowed = allowed, [proof.entitlement(reader).allowed for reader in readers]
            for was, is_now, end in zip(before, allowed, ends, strict=True):
                assert was or not is_now, "it came back"
                assert not is_now or proof.stage.now < end, "it outlived its lease"
        assert allowed == [False, False]

    play()
