"""A worker that is killed while it revises a verdict: the next one does it, once."""

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import clock
from app.accounts.identity import Identity
from app.db import Database
from app.models import Account, Decision, Item, LedgerEntry, Story
from app.models.comment import HELD, PUBLISHED
from app.sign_in import bearer_tokens
from config.policy import HouseRules
from config.settings import Settings
from tests.support.moderating import rows
from tests.support.posting import open_scene
from tests.support.repository import REPOSITORY
from tests.support.second_opinions import HELD_THEN_PUBLISHED, PUBLISHED_THEN_HELD, Cascade
from tests.support.settings import environment_of, settings_for

# before which statement the worker dies: the last of the revision, and the last of all
DEATHS = ("UPDATE stories", "DELETE FROM jobs")
WORKER = """
import os, signal, sys
from dataclasses import replace
from sqlalchemy import event
import app.kinds
from app import installation
from app.jobs.runner import Runner
from app.screening import second_opinion
from config.settings import Settings
from tests.support.scorers import Marked

it = replace(installation.of(Settings.from_env()), load_second_scorer=lambda: Marked("second "))

@event.listens_for(it.database.engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    if statement.startswith(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)

Runner(it.database, second_opinion.handlers(it)).run_all()
"""


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return replace(settings_for(database, tmp_path), second_scorer="second")


@pytest.fixture
def cascade(client: FlaskClient, database: Database, settings: Settings, house: HouseRules) -> Cascade:
    def bearer(account: Account) -> dict[str, str]:
        token = bearer_tokens.issue(settings, Identity(account.id, epoch=account.session_epoch))
        return {"Authorization": f"Bearer {token}"}

    return Cascade(open_scene(client, bearer, database), settings, house)


@pytest.mark.parametrize("text", [PUBLISHED_THEN_HELD, HELD_THEN_PUBLISHED])
@pytest.mark.parametrize("death", DEATHS)
def test_a_killed_worker_loses_nothing_and_doubles_nothing(cascade: Cascade, text: str, death: str) -> None:
    comment_id = cascade.post(text)
    assert _work(cascade.settings, death) == -signal.SIGKILL
    (job,) = cascade.jobs()
    assert job.state == "running"
    assert len(cascade.assessments(comment_id)) == (2 if death == "DELETE FROM jobs" else 1)
    with clock.pretend(clock.now() + timedelta(minutes=6)):
        assert cascade.reconsider() == 1
    held = text == PUBLISHED_THEN_HELD
    assert cascade.state(comment_id) == (HELD if held else PUBLISHED)
    assert [a.effect for a in cascade.assessments(comment_id)] == [None, "held" if held else "published"]
    assert cascade.jobs() == []
    with cascade.scene.database.reading() as session:
        (item,) = rows(session, Item)
        assert (item.state, item.revision) == ("open" if held else "closed", 1)
        assert len(rows(session, Decision)) == (not held)
        assert len(rows(session, LedgerEntry, action="comment.reconsider")) == 1
        assert session.get_one(Story, cascade.scene.story.id).comment_count == (not held)


def _work(settings: Settings, death: str) -> int:
    """What a worker in a process of its own ends with that dies before a statement."""
    environment = environment_of(settings) | {
        "BTL_SECOND_SCORER": settings.second_scorer,
        "PATH": "",
    }
    command = [sys.executable, "-c", WORKER, death]
    return subprocess.run(command, env=environment, cwd=REPOSITORY, check=False, timeout=60).returncode
