"""Whatever somebody does, in whatever order, a ban holds, strikes count and nobody is decided on by an equal."""

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis
from hypothesis.stateful import run_state_machine_as_test

from app.accounts import standing
from app.db import Database
from app.models.sanction import BAN
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


@pytest.mark.parametrize("database", [SQLITE], indirect=True)
def test_a_ban_reaches_who_has_the_log_in_of_whoever_had_the_mailbox(
    database: Database, settings: Settings, house: HouseRules
) -> None:
    state = on(database, settings, house)()
    try:
        state.come_by_the_paper(subject=0, mailbox=0, spelling=0, confirmed=True, card="one")
        state.come_back(who=0, spelling=0, card="one")
        state.come_by_the_paper(subject=0, mailbox=0, spelling=1, confirmed=False, card="one")
        state.sanction(by=0, whom=1, how="ban")
        *_, by_mailbox, by_log_in = state.truth.living()
        for found in (by_mailbox, by_log_in):
            assert standing.read(state.session, found.id).kind == BAN
        state.nobody_gets_round_anything()
    finally:
        state.teardown()
