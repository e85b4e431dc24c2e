"""A second scorer revises what the first was unsure of: who sees what, and what a person's word outweighs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import clock, installation, worker
from app.db import Database
from app.models import Account, Decision, Item, LedgerEntry, Sanction, Statement, Story
from app.models.comment import HELD, PUBLISHED
from app.models.role import MODERATOR
from app.models.story import PREMODERATED
from app.screening import second_opinion
from app.toxicity import Unloadable
from app.web.services import EXTENSION
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.callers import Browser, Headers
from tests.support.moderating import rows
from tests.support.posting import open_scene
from tests.support.scorers import Silent
from tests.support.second_opinions import HELD_THEN_PUBLISHED, PUBLISHED_THEN_HELD, Cascade
from tests.support.settings import settings_for

Bearer = Callable[[Account], Headers]
Open = Callable[[Account | None], Browser]


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return replace(settings_for(database, tmp_path), second_scorer="second")


@pytest.fixture
def cascade(client: FlaskClient, bearer: Bearer, database: Database, settings: Settings, house: HouseRules) -> Cascade:
    return Cascade(open_scene(client, bearer, database), settings, house)


WAITS = "A moderator reads this comment before it appears."


def _read(cascade: Cascade, reader: Account | None, browser: Open) -> list[bool]:
    """Whether somebody reads the comment under the story, by program and on the page, and whether that it waits."""
    scene = cascade.scene
    by_program = scene.client.get(scene.path, headers=scene.bearer(reader) if reader else {}).text
    page = browser(reader).get(f"/stories/{scene.story.id}").text
    return ["insult=" in by_program, "insult=" in page, WAITS in page]


READ, HIDDEN, WAITING = [True, True, False], [False, False, False], [False, True, True]


def _mine(cascade: Cascade, reader: Account) -> list[tuple[str, str]]:
    """What waits of a reader's own, and the reason they are told."""
    scene = cascade.scene
    path = f"/api/v1/stories/{scene.story.key}/mine?site={scene.site.key}"
    waiting = scene.client.get(path, headers=scene.bearer(reader)).get_json()["waiting"]
    return [(comment["state"], comment["reason"]) for comment in waiting]


def test_a_comment_that_the_second_opinion_holds_is_its_authors_and_the_moderators_alone(
    cascade: Cascade, browser: Open
) -> None:
    comment_id = cascade.post(PUBLISHED_THEN_HELD)
    other = cascade.scene.subscriber()
    author = cascade.scene.reader
    everybody = (None, other, author)
    assert [_read(cascade, reader, browser) for reader in everybody] == [READ, READ, READ]
    assert cascade.reconsider() == 1
    assert cascade.state(comment_id) == HELD
    assert [_read(cascade, reader, browser) for reader in everybody] == [HIDDEN, HIDDEN, WAITING]
    assert (_mine(cascade, author), _mine(cascade, other)) == ([("held", "hold")], [])
    item = cascade.scene.only(Item)
    assert (item.reasons, item.state, item.subject_id) == (["hold"], "open", comment_id)
    for nobody in (None, other, author):
        assert browser(nobody).get(f"/queue/{item.id}").status_code != 200
    with cascade.scene.database.transaction() as session:
        moderator = factories.staff(session, MODERATOR)
    page = browser(moderator).get(f"/queue/{item.id}").text
    assert "0.80" in page
    assert "first 0.45, second 0.95" in page
    assert cascade.scene.count(Statement) == cascade.scene.count(Sanction) == cascade.scene.count(Decision) == 0


def test_a_comment_that_the_second_opinion_clears_is_everybodys_and_the_question_is_closed(
    cascade: Cascade, browser: Open
) -> None:
    comment_id = cascade.post(HELD_THEN_PUBLISHED)
    author = cascade.scene.reader
    assert [_read(cascade, reader, browser) for reader in (None, author)] == [HIDDEN, WAITING]
    assert cascade.reconsider() == 1
    assert cascade.state(comment_id) == PUBLISHED
    assert [_read(cascade, reader, browser) for reader in (None, author)] == [READ, READ]
    assert _mine(cascade, author) == []
    assert cascade.scene.only(Item).state == "closed"
    decision = cascade.scene.only(Decision)
    assert (decision.actor_id, decision.action, decision.statement_id) == (None, "approve", None)
    with cascade.scene.database.reading() as session:
        ledger = {(e.action, e.actor_id, e.details.get("effect")) for e in rows(session, LedgerEntry)}
        assert {("comment.approve", None, None), ("comment.reconsider", None, "published")} <= ledger
        assert session.get_one(Story, cascade.scene.story.id).comment_count == 1
    with cascade.scene.database.transaction() as session:
        moderator = factories.staff(session, MODERATOR)
    page = browser(moderator).get(f"/queue/{cascade.scene.only(Item).id}").text
    assert "A second look by our software found nothing that breaks a rule." in page


def test_both_opinions_and_their_mean_in_logits_are_kept(cascade: Cascade) -> None:
    comment_id = cascade.post(PUBLISHED_THEN_HELD)
    cascade.reconsider()
    first, second = cascade.assessments(comment_id)
    assert (first.scorer, second.scorer) == ("marked/1", "marked/1+second/1")
    assert (first.outcome, second.outcome, second.effect) == ("publish", "hold", "held")
    assert second.revises_id == first.id
    kinds = ("first", "second", "score")
    assert [second.signals[f"{kind}.insult"] for kind in kinds] == [0.45, 0.95, 0.7977]
    assert [second.signals[f"{kind}.threat"] for kind in kinds] == [0.01] * 3


def test_a_second_opinion_that_agrees_changes_nothing(cascade: Cascade) -> None:
    comment_id = cascade.post("[insult=0.45] [second insult=0.4]")
    with cascade.scene.database.reading() as session:
        revision = session.get_one(Story, cascade.scene.story.id).revision
    cascade.reconsider()
    assert cascade.assessments(comment_id)[1].effect == "nothing"
    with cascade.scene.database.reading() as session:
        assert session.get_one(Story, cascade.scene.story.id).revision == revision
    assert cascade.scene.count(Item) == cascade.scene.count(LedgerEntry) == 0


def test_what_its_author_has_kept_after_a_nudge_waits_for_a_moderator_unless_both_opinions_clear_it(
    cascade: Cascade,
) -> None:
    kept = cascade.post("[insult=0.7] [second insult=0.6]")
    cleared = cascade.post("[insult=0.55] [second insult=0.1]")
    cascade.reconsider()
    assert (cascade.state(kept), cascade.state(cleared)) == (HELD, PUBLISHED)
    assert _mine(cascade, cascade.scene.reader) == [("held", "kept")]


@pytest.mark.parametrize("text", ["[insult=0.45] [second insult=0.65]", "[insult=0.8] [second insult=0.5]"])
def test_nobody_is_held_for_a_nudge_that_they_have_never_met(cascade: Cascade, text: str) -> None:
    comment_id = cascade.post(text)
    cascade.reconsider()
    assert cascade.state(comment_id) == PUBLISHED
    assert cascade.assessments(comment_id)[1].outcome == "publish"


def test_a_second_opinion_withholds_nothing_and_sanctions_nobody(cascade: Cascade) -> None:
    comment_id = cascade.post("[threat=0.15] [second threat=0.9999]")
    cascade.reconsider()
    assert cascade.assessments(comment_id)[1].signals["score.threat"] > cascade.house.at({}).thresholds["threat"].severe
    assert cascade.state(comment_id) == HELD
    assert cascade.scene.only(Item).reasons == ["hold"]
    assert cascade.scene.count(Sanction) == 0


@pytest.mark.parametrize("text", ["[threat=0.9]", "[insult=0.8]"])
def test_what_is_withheld_or_premoderated_is_not_asked_about(cascade: Cascade, text: str) -> None:
    with cascade.scene.database.transaction() as session:
        if "insult" in text:
            session.get_one(Story, cascade.scene.story.id).state = PREMODERATED
    cascade.post(text)
    assert cascade.jobs() == []


def test_without_a_second_scorer_nobody_is_asked(cascade: Cascade, client: FlaskClient, house: HouseRules) -> None:
    extensions = client.application.extensions
    extensions[EXTENSION] = replace(extensions[EXTENSION], load_second_scorer=None)
    cascade.post(PUBLISHED_THEN_HELD)
    assert cascade.jobs() == []


def test_each_revision_is_asked_about_once(cascade: Cascade) -> None:
    comment_id = cascade.post("I was there. [insult=0.45]")
    body = {"text": HELD_THEN_PUBLISHED, "confirm": True}
    headers = cascade.scene.bearer(cascade.scene.reader)
    assert cascade.scene.client.patch(f"/api/v1/comments/{comment_id}", json=body, headers=headers).status_code == 200
    assert len({job.unique_key for job in cascade.jobs()}) == 2
    assert cascade.reconsider() == 2
    assert [(a.revision, a.effect) for a in cascade.assessments(comment_id) if a.effect] == [
        (1, "nothing"),
        (2, "published"),
    ]


def test_while_the_second_scorer_is_away_the_first_verdict_stands_and_the_job_waits(cascade: Cascade) -> None:
    comment_id = cascade.post(HELD_THEN_PUBLISHED)
    assert cascade.reconsider(Silent()) == 1
    (job,) = cascade.jobs()
    assert (job.state, job.last_error, job.attempts) == ("ready", "Unready", 1)
    assert job.run_at > clock.now()
    assert cascade.state(comment_id) == HELD
    assert _measured(cascade)["retrying"] == 1
    with clock.pretend(clock.now() + timedelta(minutes=2)):
        assert cascade.reconsider() == 1
    assert cascade.state(comment_id) == PUBLISHED


def test_a_second_scorer_that_stays_away_is_given_up_and_counted(cascade: Cascade) -> None:
    comment_id = cascade.post(HELD_THEN_PUBLISHED)
    for minutes in (0, 10, 59):
        with clock.pretend(clock.now() + timedelta(minutes=minutes)):
            assert cascade.reconsider(Silent()) == 1
    with clock.pretend(clock.now() + timedelta(minutes=121)):
        assert cascade.reconsider(Silent()) == 1
        assert _measured(cascade) == {"held": 0, "published": 0, "nothing": 0, "unavailable": 1, "retrying": 0}
    assert cascade.jobs() == []
    assert cascade.state(comment_id) == HELD
    first, second = cascade.assessments(comment_id)
    assert (second.effect, second.outcome, second.scorer) == ("unavailable", first.outcome, first.scorer)
    assert second.signals == first.signals | {"second": "crashed"}


@pytest.mark.parametrize(("name", "effect"), [("builtin", "nothing"), ("of that name there is none", None)])
def test_the_worker_asks_the_scorer_that_the_setting_names(cascade: Cascade, name: str, effect: str | None) -> None:
    comment_id = cascade.post("I was at the harbour. [insult=0.45]")
    it = installation.of(replace(cascade.settings, second_scorer=name), cascade.scene.database)
    worker.runner(it).run_all()
    second = cascade.assessments(comment_id)[1:]
    assert [opinion.effect for opinion in second] == ([effect] if effect else [])
    assert all(opinion.scorer.startswith("marked/1+builtin/") for opinion in second)
    assert [job.last_error for job in cascade.jobs()] == ([] if effect else ["Unready"])


def test_a_scorer_that_cannot_be_loaded_is_away(cascade: Cascade) -> None:
    def missing() -> Any:
        raise Unloadable("no files")

    assert second_opinion.ask(missing, "Hello.").result.reason == "missing:Unloadable"  # type: ignore[union-attr]


def _measured(cascade: Cascade) -> dict[str, float]:
    with cascade.scene.database.reading() as session:
        return second_opinion.gauges(session)


def test_metrics_say_what_second_opinions_did(cascade: Cascade, client: FlaskClient) -> None:
    for text in (PUBLISHED_THEN_HELD, HELD_THEN_PUBLISHED, "Calm."):
        cascade.post(text)
    cascade.reconsider()
    measured = client.get("/metrics").text
    for line in ("held 1.0", "published 1.0", "nothing 1.0", "unavailable 0.0", "retrying 0.0"):
        assert f"btl_second_opinions_{line}" in measured


def test_a_job_that_runs_twice_does_nothing_twice(cascade: Cascade) -> None:
    comment_id = cascade.post(PUBLISHED_THEN_HELD)
    first = cascade.assessments(comment_id)[0]
    for _ in range(2):
        cascade.opine({"assessment_id": str(first.id)})
    assert len(cascade.assessments(comment_id)) == 2
    assert cascade.scene.only(Item).revision == 1
