"""The worker's tracks: who waits for a helper in one of them holds up nobody in the others."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import retention, worker
from app.accounts import names
from app.db import Database
from app.jobs import queue
from app.jobs.runner import Runner
from app.mail import letters
from app.models import Job
from app.screening.sampling import RECONSIDER
from app.toxicity.scorer import Scores, Unavailable
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.callers import Bearer
from tests.support.posting import open_scene
from tests.support.scorers import Marked
from tests.support.second_opinions import PUBLISHED_THEN_HELD, SECOND, Cascade
from tests.support.stripe_world import eventually


class Stopped(Marked):
    """The second scorer, which says nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__("second ")
        self.asked, self.go = threading.Event(), threading.Event()

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
        self.asked.set()
        self.go.wait()
        return SECOND.score(texts, deadline)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, second_scorer="builtin")


def waiting(database: Database, *kinds: str) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).where(Job.kind.in_(kinds))) or 0


def test_every_kind_of_job_has_one_track(settings: Settings, house: HouseRules, database: Database) -> None:
    it = assembled(settings, house, database)
    kinds = Counter(kind for track in worker.tracks(it) for kind in track)
    assert set(kinds.values()) == {1}
    assert {each.kind for each in worker.RECURRING} <= set(kinds)


def test_a_second_scorer_that_says_nothing_holds_up_no_other_job(
    client: FlaskClient, bearer: Bearer, settings: Settings, house: HouseRules, database: Database
) -> None:
    cascade, second, stop = Cascade(open_scene(client, bearer, database), settings, house), Stopped(), threading.Event()
    comment = cascade.post(PUBLISHED_THEN_HELD)
    it = replace(cascade.it, load_second_scorer=lambda: second)
    running = threading.Thread(target=worker.run, args=(it, stop))
    running.start()
    assert second.asked.wait(30)
    with database.transaction() as session:
        letters.write(session, cascade.scene.reader.id, "banned_sign_up")
        queue.enqueue(session, names.REFRESH, {"account_id": str(cascade.scene.reader.id)})
    eventually(lambda: not waiting(database, letters.SEND, names.REFRESH), 30)
    assert (waiting(database, RECONSIDER), cascade.state(comment)) == (1, "published")
    second.go.set()
    eventually(lambda: not waiting(database, RECONSIDER), 30)
    assert cascade.state(comment) == "held"
    stop.set()
    running.join()


def test_a_track_that_breaks_ends_the_worker(
    settings: Settings, house: HouseRules, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = Runner.plan

    def broken(track: Runner) -> None:
        if retention.FORGET in track._recurring:
            raise RuntimeError("broken")
        plan(track)

    monkeypatch.setattr(Runner, "plan", broken)
    stop = threading.Event()
    with pytest.raises(RuntimeError, match="broken"):
        worker.run(assembled(settings, house, database), stop)
    assert stop.is_set()
