"""In whatever order changes, hints, questions, answers, writes and crashes come: in the end we know what is true."""

import time

import pytest
from hypothesis import HealthCheck, given, settings

from app.db import Database
from tests.support.billing_proof import Proof
from tests.support.schedules import Plan, plans_of_all
from tests.support.stripe_changes import THEMES, VERBS

EXAMPLES = {True: 100, False: 30}
MANY = {True: 20_000, False: 2_000}


def play_out(proof: Proof, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(plans_of_all(list(VERBS), THEMES))
    def play(plan: Plan) -> None:
        proof.play(plan)

    play()


def test_every_row_ends_true_and_no_banned_reader_is_ever_let_in(proof: Proof, database: Database) -> None:
    play_out(proof, EXAMPLES[database.is_sqlite])


@pytest.mark.long
def test_the_same_twenty_thousand_times(proof: Proof, database: Database) -> None:
    examples, began = MANY[database.is_sqlite], time.monotonic()
    play_out(proof, examples)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    print(f"{kind}: {examples} plays, {proof.steps} steps, wrong=0, {time.monotonic() - began:.0f} s")
