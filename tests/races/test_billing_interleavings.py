"""In whatever order changes, hints, questions, answers, writes and crashes come: in the end we know what is true."""

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, seed, settings

from app.db import Database
from tests.support.billing_proof import Proof
from tests.support.schedules import Plan, plans_of_all
from tests.support.stripe_changes import THEMES, VERBS

EXAMPLES = {True: 60, False: 20}
PARTS, MANY_EACH = 20, {True: 1_000, False: 100}


def plays(proof: Proof, examples: int) -> Callable[[], None]:
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(plans_of_all(list(VERBS), THEMES))
    def play(plan: Plan) -> None:
        proof.play(plan)

    return play


def test_every_row_ends_true_and_no_banned_reader_is_ever_let_in(proof: Proof, database: Database) -> None:
    plays(proof, EXAMPLES[database.is_sqlite])()


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_the_same_twenty_thousand_times(proof: Proof, database: Database, part: int) -> None:
    """In parts, of which each draws the same whenever it is run: what was interrupted goes on at the part it was in."""
    examples, began = MANY_EACH[database.is_sqlite], time.monotonic()
    seed(part)(plays(proof, examples))()
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    print(f"{kind}, part {part}: {examples} plays, {proof.steps} steps, wrong=0, {time.monotonic() - began:.0f} s")
