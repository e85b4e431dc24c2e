"""A fault that is planted in the billing side must be found by plays."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support.billing_proof import Proof, Untrue
from tests.support.schedules import Plan

WITHIN = 1000


def find(proof: Proof, cases: st.SearchStrategy[Plan], name: str) -> None:
    """Play `cases` until one is untrue, and say how many that took; fail if none is within WITHIN."""
    played = 0

    @settings(
        max_examples=WITHIN,
        phases=[Phase.generate],
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def play(plan: Plan) -> None:
        nonlocal played
        played += 1
        proof.play(plan)

    with pytest.raises(Untrue):
        play()
    print(f"{name}: found by case {played}")
