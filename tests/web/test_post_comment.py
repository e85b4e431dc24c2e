"""POST /api/v1/stories/<key>/comments: who may, and what comes of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.db import Database
from app.models import Assessment, Comment, Item, LedgerEntry, Revision, Sanction, Site, Statement, Story
from app.models.comment import HELD, PUBLISHED, WITHHELD
from app.models.role import EDITOR, MODERATOR
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.models.story import PREMODERATED
from app.toxicity import Guarded
from app.web.services import EXTENSION
from config.policy import HouseRules
from tests.support import factories
from tests.support.posting import TEXT, Bearer, Scene, open_scene, says
from tests.support.scorers import Silent
from tests.support.sql import counted


@pytest.fixture
def scene(client: FlaskClient, bearer: Bearer, database: Database) -> Scene:
    return open_scene(client, bearer, database)


# who may not


def test_the_anonymous_are_asked_to_sign_in(scene: Scene) -> None:
    assert says(scene.client.post(scene.path, json={"text": TEXT})) == (401, "sign_in_required")
    assert scene.count() == 0


def test_the_unverified_are_refused_before_anything_else(scene: Scene) -> None:
    unverified = scene.reader_who(verified=False, rules=None)
    assert says(scene.post(by=unverified)) == (403, "unverified")


@pytest.mark.parametrize(
    ("kind", "code"), [(BAN, "banned"), (SUSPENSION, "suspended"), (WARNING, "warning_unacknowledged")]
)
def test_the_sanctioned_are_refused_though_they_pay(scene: Scene, kind: str, code: str) -> None:
    with scene.database.transaction() as session:
        factories.sanction(session, scene.reader, kind, at=scene.site)
    assert says(scene.post()) == (403, code)
    assert scene.count() == 0


def test_a_suspension_that_is_over_refuses_nobody(scene: Scene) -> None:
    with scene.database.transaction() as session:
        factories.sanction(session, scene.reader, at=scene.site, ends=clock.now() - timedelta(seconds=1))
    assert scene.post().status_code == 201


def test_who_has_not_accepted_the_rules_in_force_is_refused(scene: Scene) -> None:
    assert says(scene.post(by=scene.reader_who(rules="2019-01"))) == (403, "rules_not_accepted")


def test_who_never_paid_is_asked_to_subscribe(scene: Scene) -> None:
    answer = scene.post(by=scene.reader_who())
    assert says(answer) == (402, "no_subscription")
    assert "subscribe" in answer.get_json()["detail"]


@pytest.mark.parametrize("status", ["canceled", "unpaid", "incomplete", "incomplete_expired", "paused"])
def test_the_lapsed_are_told_why(scene: Scene, status: str) -> None:
    with scene.database.transaction() as session:
        lapsed = factories.subscriber(session, status=status)
    assert says(scene.post(by=lapsed)) == (402, status)


def test_a_subscription_to_another_paper_does_not_count(scene: Scene) -> None:
    with scene.database.transaction() as session:
        session.get_one(Site, scene.site.id).products = ["prod_other"]
    assert says(scene.post()) == (402, "no_subscription")


@pytest.mark.parametrize("role", [MODERATOR, EDITOR])
def test_staff_write_without_a_subscription_but_not_without_standing(scene: Scene, role: str) -> None:
    with scene.database.transaction() as session:
        staff = factories.staff(session, role, at=scene.site)
    assert scene.post(by=staff).status_code == 201
    with scene.database.transaction() as session:
        factories.sanction(session, staff, at=scene.site)
    assert says(scene.post("Another thought.", by=staff)) == (403, "suspended")


def test_staff_of_another_paper_are_readers_here(scene: Scene) -> None:
    with scene.database.transaction() as session:
        staff = factories.staff(session, MODERATOR, at=factories.site(session))
    assert says(scene.post(by=staff)) == (402, "no_subscription")


# what comes of it


def test_a_comment_is_published_and_counted(scene: Scene) -> None:
    answer = scene.post()
    body = answer.get_json()
    assert answer.status_code == 201
    assert (body["state"], body["reason"], body["sentence"]) == (PUBLISHED, None, None)
    assert body["html"] == "<p>I was at the harbour, and the crane was <em>not</em> moving.</p>"
    comment, revision, assessment = scene.only(Comment), scene.only(Revision), scene.only(Assessment)
    assert (str(comment.id), comment.text, comment.account_id) == (body["id"], TEXT, scene.reader.id)
    assert (comment.root_id, comment.position, comment.depth) == (comment.id, 0, 0)
    assert (revision.number, revision.text) == (1, TEXT)
    assert (assessment.outcome, assessment.scorer) == ("publish", "marked/1")
    assert assessment.signals["score.threat"] == 0.01
    assert (scene.only(Story).comment_count, scene.only(Story).revision) == (1, 1)
    assert (scene.count(Item), scene.count(LedgerEntry)) == (0, 0)


def test_replies_take_their_places_in_the_conversation(scene: Scene) -> None:
    root = scene.post("A root.").get_json()
    first = scene.post("A reply.", parent=root["id"]).get_json()
    second = scene.post("A reply to the reply.", parent=first["id"]).get_json()
    with scene.database.reading() as session:
        places = {
            str(c.id): (str(c.root_id), c.parent_id and str(c.parent_id), c.position, c.depth, c.reply_count)
            for c in session.scalars(select(Comment))
        }
    assert places == {
        root["id"]: (root["id"], None, 0, 0, 1),
        first["id"]: (root["id"], root["id"], 1, 1, 1),
        second["id"]: (root["id"], first["id"], 2, 2, 0),
    }
    assert scene.only(Story).comment_count == 3


def test_a_nudge_asks_again_and_stores_nothing_until_confirmed(scene: Scene) -> None:
    answer = scene.post("[insult=0.6]")
    assert says(answer) == (409, "nudge")
    assert (answer.get_json()["rule"], answer.get_json()["attributes"]) == ("respect", ["insult"])
    assert (scene.count(), scene.count(Assessment)) == (0, 0)
    assert scene.post("[insult=0.6]", confirm=True).get_json()["state"] == PUBLISHED
    assert scene.only(Assessment).outcome == "nudge"


def test_over_the_hold_threshold_it_waits_for_a_moderator(scene: Scene, house: HouseRules) -> None:
    body = scene.post("[insult=0.8]", confirm=True).get_json()
    assert (body["state"], body["reason"]) == (HELD, "hold")
    assert "moderator" in body["sentence"]
    item = scene.only(Item)
    rule = house.at({}).rule("respect")
    assert rule is not None
    assert (item.kind, item.subject_type, str(item.subject_id)) == ("comment", "comment", body["id"])
    assert (item.reasons, item.priority, item.account_id) == (["hold"], 0.8 * rule.harm, scene.reader.id)
    assert scene.only(Story).comment_count == 0


def test_over_the_severe_threshold_it_is_withheld_and_its_author_suspended(scene: Scene) -> None:
    body = scene.post("[threat=0.95]").get_json()
    assert (body["state"], body["reason"]) == (WITHHELD, "severe")
    assert "appeal" in body["sentence"]
    assert scene.only(Item).reasons[0] == "severe"
    assert scene.only(Story).comment_count == 0
    assert (scene.only(Revision).number, scene.only(Assessment).outcome) == (1, "withhold")
    sanction, statement = scene.only(Sanction), scene.only(Statement)
    assert (sanction.account_id, sanction.kind, sanction.source) == (scene.reader.id, SUSPENSION, "machine")
    assert (statement.account_id, statement.rule) == (scene.reader.id, "threat")
    assert scene.only(LedgerEntry).actor_id is None
    assert says(scene.post("I did not mean it.")) == (403, "suspended")


def test_without_scores_it_is_held_and_not_lost(scene: Scene, app: Flask) -> None:
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], load_scorer=lambda: Guarded(Silent()))
    body = scene.post().get_json()
    assert (body["state"], body["reason"]) == (HELD, "unscored")
    assert scene.only(Assessment).signals == {"unscored": "crashed"}
    assert scene.only(Item).reasons == ["unscored"]


def test_markup_hides_nothing_from_the_scorer(scene: Scene) -> None:
    assert scene.post("[**insult**=0.9]").get_json()["state"] == HELD


def test_under_a_premoderated_story_everything_waits(scene: Scene) -> None:
    with scene.database.transaction() as session:
        session.get_one(Story, scene.story.id).state = PREMODERATED
    body = scene.post().get_json()
    assert (body["state"], body["reason"]) == (HELD, "premoderated")


def test_the_first_comment_makes_its_story(scene: Scene) -> None:
    path = f"/api/v1/stories/new-story/comments?site={scene.site.key}"
    assert says(scene.post(path=path)) == (404, "unknown_story")
    origin = scene.site.origins[0]
    answer = scene.post(path=path, url=f"{origin}/news/1", title="A new crane")
    assert answer.status_code == 201
    with scene.database.reading() as session:
        story = session.scalars(select(Story).where(Story.key == "new-story")).one()
    assert (story.url, story.title, story.comment_count) == (f"{origin}/news/1", "A new crane", 1)


@pytest.mark.parametrize("silent", [False, True], ids=["offensive", "unscored"])
def test_a_title_that_could_not_be_a_comment_gives_way_to_the_address(scene: Scene, app: Flask, silent: bool) -> None:
    if silent:
        app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], load_scorer=lambda: Guarded(Silent()))
    path = f"/api/v1/stories/news-2/comments?site={scene.site.key}"
    url = f"{scene.site.origins[0]}/news/2"
    title = "A new crane" if silent else "[insult=0.99] An editor"
    assert scene.post(path=path, url=url, title=title).status_code == 201
    with scene.database.reading() as session:
        assert session.scalars(select(Story.title).where(Story.key == "news-2")).one() == url


def test_a_story_that_is_known_keeps_its_name(scene: Scene) -> None:
    assert scene.post(url=f"{scene.site.origins[0]}/elsewhere", title="Changed").status_code == 201
    assert scene.only(Story).title == scene.story.title


def test_a_reply_takes_at_most_seventeen_statements(scene: Scene) -> None:
    # three of them ask whether its author may write at all, and how fast, before the text is scored
    parent = scene.comment(parent=scene.comment())
    with counted(scene.database) as statements:
        assert scene.post(parent=str(parent.id)).status_code == 201
    assert len(statements) <= 17, "\n".join(statements)
