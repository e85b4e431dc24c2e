"""Whatever somebody does, in whatever order, a ban holds, strikes count and nobody is decided on by an equal."""

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis
from hypothesis.stateful import run_state_machine_as_test

from app.db import Database
from config.policy import HouseRules
from config.settings import Settings
from tests.support.databases import SQLITE
from tests.support.evasion import Evasion

STEPS = 40


def on(database: Database, settings: Settings, house: HouseRules) -> type[Evasion]:
    return type("EvasionHere", (Evasion,), {"database": database, "settings": settings, "house": house})


@pytest.mark.parametrize("database", [SQLITE], indirect=True)
@pytest.mark.parametrize("runs", [15, pytest.param(2_000, marks=pytest.mark.long)])
def test_nothing_gets_round_a_ban(database: Database, settings: Settings, house: HouseRules, runs: int) -> None:
    run_state_machine_as_test(
        on(database, settings, house),
        settings=hypothesis(
            max_examples=runs, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )  # fmt: skip
