"""A scorer that hangs, crashes or is missing, over real sockets: comments are held and none is lost, the metrics count
it, the doctor says why.
"""

import os
import re
import sys
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from app.accounts import identity
from app.cli import doctor
from app.db import Database
from app.models import Assessment, Comment, Item, Site, Story
from app.models.comment import HELD, PUBLISHED
from app.sign_in import bearer_tokens
from app.toxicity import Guarded, Scorer, checkpoints
from app.toxicity.checkpoints import Source
from app.web.application import create_app
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, tiny_models
from tests.support.assembled import assembled
from tests.support.hidden import hidden
from tests.support.loopback import serving
from tests.support.repository import REPOSITORY
from tests.support.required import skip
from tests.support.scorers import Crashing, Hanging
from tests.support.serving import served
from tests.support.settings import environment_of
from tests.support.stoppable import running
from tests.support.stripe_world import eventually

POSTS = 3


@dataclass
class Desk:
    """A newspaper with a story, at the server that `settings` name."""

    database: Database
    settings: Settings
    site: Site
    story: Story

    def post(self, text: str) -> requests.Response:
        """What a new subscriber is answered."""
        with self.database.transaction() as session:
            reader = factories.subscriber(session)
        with self.database.reading() as session:
            caller = identity.load(session, reader.id, reader.session_epoch)
        return requests.post(
            f"{self.settings.public_url}/api/v1/stories/{self.story.key}/comments?site={self.site.key}",
            json={"text": text},
            headers={"Authorization": f"Bearer {bearer_tokens.issue(self.settings, caller)}"},
            timeout=30,
        )

    def opinions(self) -> list[tuple[str, str]]:
        """The scorers that have judged, one after the other, and what has become of the comment."""
        with self.database.reading() as session:
            judged = select(Assessment.scorer, Comment.state).join(Comment).order_by(Assessment.id)
            return [(re.sub(r"/[^+]+", "", scorer), state) for scorer, state in session.execute(judged)]

    def retrying(self) -> float:
        """How many second opinions are asked for again."""
        measured = requests.get(f"{self.settings.public_url}/metrics", timeout=10).text
        return float(re.findall(r"^btl_second_opinions_retrying (\S+)", measured, re.MULTILINE)[0])

    def answers(self) -> dict[tuple[str, str], float]:
        """What the metrics count, by scorer and outcome."""
        measured = requests.get(f"{self.settings.public_url}/metrics", timeout=10).text
        counted = re.findall(r'^btl_scorer_answers_total{outcome="(\w+)",scorer="(\w+)"} (\S+)', measured, re.MULTILINE)
        return {(scorer, outcome): float(number) for outcome, scorer, number in counted}


def desk(database: Database, settings: Settings, url: str) -> Desk:
    with database.transaction() as session:
        site = factories.site(session)
        return Desk(database, replace(settings, public_url=url), site, factories.story(session, site))


def post_some(desk: Desk, reason: str) -> None:
    """POSTS of them, each answered, kept and before the moderators."""
    for number in range(POSTS):
        answer = desk.post(f"The crane at the harbour is not moving: {number}.")
        assert (answer.status_code, answer.json()["state"], answer.json()["reason"]) == (201, HELD, "unscored")
    with desk.database.reading() as session:
        assert session.scalars(select(Comment.state)).all() == [HELD] * POSTS
        assert session.scalars(select(Assessment.signals)).all() == [{"unscored": reason}] * POSTS
        assert session.scalars(select(Item.reasons)).all() == [["unscored"]] * POSTS


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("scorer", "reason", "outcome"),
    [(Hanging(), "deadline", "deadline"), (Crashing(), "crashed:MemoryError", "crashed")],
    ids=["hangs", "crashes"],
)
def test_a_scorer_that_fails_costs_no_comment_and_is_counted(
    database: Database, settings: Settings, house: HouseRules, scorer: Scorer, reason: str, outcome: str
) -> None:
    with serving() as here:
        there = desk(database, settings, here.url)
        guarded = Guarded(scorer, threads=POSTS, failures=POSTS + 1)
        here.application = create_app(assembled(there.settings, house, database, scorer=guarded))
        before = there.answers().get((scorer.name, outcome), 0)
        post_some(there, reason)
        assert there.answers()[scorer.name, outcome] == before + POSTS


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_scorer_whose_files_are_missing_stops_neither_the_server_nor_a_comment(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    log = tmp_path / "serve.log"
    with served(settings, log, environment={"BTL_SCORER": "detoxify"}) as url:
        there = desk(database, settings, url)
        post_some(there, "missing")
        assert there.answers() == {("detoxify", "missing"): POSTS}
    assert '"scorer_missing"' in log.read_text()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_doctor_says_what_is_missing_and_what_helps(settings: Settings) -> None:
    ill = {found.part: found for found in doctor.examine(replace(settings, scorer="detoxify"))}["scorer"]
    assert not ill.good
    assert ill.words.endswith("holds no prepared model: run btl scorer prepare --model original")
    assert str(settings.var / "scorers" / "original") in ill.words


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_onnxruntime_the_fast_model_scores_alone(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    log = tmp_path / "serve.log"
    with served(settings, log, environment=hidden("onnxruntime", tmp_path / "hidden")) as url:
        there = desk(database, settings, url)
        civil, abusive = there.post("The crane at the harbour is not moving."), there.post("You are a stupid idiot.")
        assert (civil.status_code, civil.json().get("state")) == (201, "published"), civil.text
        assert abusive.json().get("state") != "published"
        assert there.answers()["builtin", "scored"] >= 2
    assert '"scorer_fast_alone"' in log.read_text()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_first_verdict_stands_until_a_second_scorer_that_was_missing_is_there(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    """A worker waits for a model, which is then prepared as `btl scorer prepare` does."""
    for name in ("detoxify", "torch", "transformers"):
        if find_spec(name) is None:
            skip("detoxify", f"{name} is not installed")
    second = {"BTL_SECOND_SCORER": "detoxify"}
    command = [sys.executable, "-m", "app.cli.main", "worker"]
    environment = os.environ | environment_of(settings) | second
    with served(settings, tmp_path / "serve.log", environment=second) as url:
        there = desk(database, settings, url)
        assert there.post("The crane at the harbour is not moving.").json()["state"] == PUBLISHED
        with running(command, env=environment, cwd=REPOSITORY):
            eventually(lambda: there.retrying() == 1, 60)
            assert there.opinions() == [("builtin", PUBLISHED)]
            tiny = tiny_models.make(tmp_path)
            checkpoints.prepare("original", Source(*tiny), settings.scorer_files, lambda done, total: None)
            eventually(lambda: len(there.opinions()) == 2, 120)
        assert [scorer for scorer, _state in there.opinions()] == ["builtin", "builtin+detoxify"]
        assert there.retrying() == 0
