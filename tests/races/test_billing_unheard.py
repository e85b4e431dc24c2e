"""Each kind of change at Stripe, never told: one nightly comparison finds it."""

from datetime import timedelta

import pytest

from tests.support.billing_proof import Proof
from tests.support.schedules import Change, Plan
from tests.support.stripe_changes import BEGINNINGS, VERBS

# how it has to have begun for the change to be one, and what has to have happened since, and been heard
BEGUN = {
    "first payment made": "first payment failed",
    "debit arrived": "first debit begins",
    "debit bounced": "first debit begins",
    "bill fell due": "first bill sent",
}
BEFORE = {
    "active": "unpaid",
    "end withdrawn": "end scheduled by time",
    "paid late": "renewal failed",
    "period voided": "renewal failed",
    "period written off": "renewal failed",
    "product taken again": "product exchanged",
    "pause over": "paused as void",
    "refund failed": "refunded",
    "dispute won": "disputed",
    "dispute lost": "disputed",
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in BEGINNINGS])
def test_one_nightly_comparison_finds_a_change_that_nobody_told(proof: Proof, verb: str) -> None:
    heard = [Change(0, BEGUN.get(verb, "begins")), *([Change(0, BEFORE[verb])] if verb in BEFORE else [])]
    plan = Plan(tuple(heard), workers=1, order=bytes(range(8)))
    proof.play(plan)
    proof.stage.now += timedelta(seconds=1)
    VERBS[verb](proof.contracts[0])
    proof.stage.now += timedelta(seconds=1)
    proof.reconcile()
    proof.stage.drain()
    proof.check_rows(plan)
    proof.check_entitlements()
