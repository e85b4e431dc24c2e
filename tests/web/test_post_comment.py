"""POST /api/v1/stories/<key>/comments: who may, and what comes of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app import clock
from app.db import Database
from app.models import Account, Assessment, Comment, Item, LedgerEntry, Revision, Sanction, Site, Statement, Story
from app.models.comment import HELD, PUBLISHED, REMOVED, WITHHELD
from app.models.role import EDITOR, MODERATOR
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.models.story import PREMODERATED
from app.toxicity import Guarded
from app.web.services import EXTENSION
from config.policy import ACKNOWLEDGEMENT, HouseRules
from tests.support import factories
from tests.support.callers import OpenBrowser
from tests.support.measures import measured
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


def test_its_author_is_told_what_others_see_beside_their_name(scene: Scene) -> None:
    with scene.database.transaction() as session:
        editor = factories.staff(session, EDITOR, at=scene.site)
    of_staff, of_reader = (scene.post(by=each).get_json() for each in (editor, None))
    assert (of_staff["author"]["name"], of_staff["author"]["staff"]) == (editor.name, True)
    assert of_reader["author"]["staff"] is False
    stands = {each["id"]: each["author"] for each in scene.client.get(scene.path).get_json()["comments"]}
    assert stands == {each["id"]: each["author"] for each in (of_staff, of_reader)}
    assert scene.post("You idiot. [threat=0.95]").get_json()["author"] is None


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
    assert scene.post("[insult=0.6]", confirm=True).status_code == 201
    assert scene.only(Assessment).outcome == "nudge"


def test_what_is_kept_after_a_nudge_waits_for_a_moderator(scene: Scene, house: HouseRules) -> None:
    body = scene.post("[insult=0.6]", confirm=True).get_json()
    assert (body["state"], body["reason"]) == (HELD, "kept")
    assert "you have kept it as it is" in body["sentence"]
    item = scene.only(Item)
    rule = house.at({}).rule("respect")
    assert rule is not None
    assert (item.kind, item.reasons, item.priority) == ("comment", ["kept"], 0.6 * rule.harm)
    assert scene.only(Story).comment_count == 0
    path = f"/api/v1/stories/{scene.story.key}/mine?site={scene.site.key}"
    (waiting,) = scene.client.get(path, headers=scene.bearer(scene.reader)).get_json()["waiting"]
    assert (waiting["id"], waiting["reason"], waiting["sentence"]) == (body["id"], "kept", body["sentence"])
    (written,) = scene.client.get("/api/v1/me/comments", headers=scene.bearer(scene.reader)).get_json()["comments"]
    assert (written["state"], written["sentence"]) == (HELD, body["sentence"])


@pytest.mark.parametrize(("action", "state"), [("approve", PUBLISHED), ("remove", REMOVED)])
def test_a_moderator_publishes_or_removes_it_as_any_held_comment(
    scene: Scene, browser: OpenBrowser, action: str, state: str
) -> None:
    scene.post("[insult=0.6]", confirm=True)
    item = scene.only(Item)
    with scene.database.transaction() as session:
        desk = browser(factories.staff(session, MODERATOR))
    assert "Kept as it is after a nudge" in desk.get("/queue").text
    desk.post(f"/queue/{item.id}", {"revision": str(item.revision), "action": action, "rule": "respect"})
    assert scene.only(Comment).state == state


def test_what_becomes_of_nudges_is_counted(scene: Scene) -> None:
    outcomes = ("shown", "changed", "as_it_is")
    before = [measured("btl_nudges_total", outcome=outcome) for outcome in outcomes]
    nudged = scene.post("[insult=0.6] One.").get_json()["nudged"]
    scene.post("One, calmly.", nudged=nudged)
    scene.post("[insult=0.6] Two.", confirm=True)
    after = [measured("btl_nudges_total", outcome=outcome) for outcome in outcomes]
    assert [now - was for now, was in zip(after, before, strict=True)] == [1, 1, 1]


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


def test_over_the_severe_threshold_it_is_withheld_and_its_author_goes_on_writing(scene: Scene) -> None:
    body = scene.post("[threat=0.95]").get_json()
    assert (body["state"], body["reason"]) == (WITHHELD, "severe")
    assert "appeal" in body["sentence"]
    assert "cannot write" not in body["sentence"]
    item = scene.only(Item)
    assert (item.reasons, item.due_at - item.opened_at) == (["severe"], timedelta(hours=4))
    assert scene.only(Story).comment_count == 0
    assert (scene.only(Revision).number, scene.only(Assessment).outcome) == (1, "withhold")
    statement = scene.only(Statement)
    assert (statement.account_id, statement.rule) == (scene.reader.id, "threat")
    assert statement.restrictions == ["visibility_disabled"]
    assert scene.only(LedgerEntry).actor_id is None
    assert scene.count(Sanction) == 0
    assert scene.post("I did not mean it.").get_json()["state"] == PUBLISHED


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


def test_the_first_comment_makes_its_story_without_a_title(scene: Scene) -> None:
    path = f"/api/v1/stories/new-story/comments?site={scene.site.key}"
    assert says(scene.post(path=path)) == (404, "unknown_story")
    origin = scene.site.origins[0]
    answer = scene.post(path=path, url=f"{origin}/news/1", title="The editor is a thief")
    assert answer.status_code == 201
    with scene.database.reading() as session:
        story = session.scalars(select(Story).where(Story.key == "new-story")).one()
    assert (story.url, story.title, story.named_by, story.comment_count) == (f"{origin}/news/1", "", None, 1)


def test_a_reply_takes_at_most_twenty_one_statements(scene: Scene) -> None:
    # three of them ask whether its author may write at all, and how fast, before the text is scored; one writes down
    # that others are to be told of it, one that its author need not be, one asks for systems that want to know, and one
    # for what stands beside its author's name
    parent = scene.comment(parent=scene.comment())
    with counted(scene.database) as statements:
        assert scene.post(parent=str(parent.id)).status_code == 201
    assert len(statements) <= 21, "\n".join(statements)


def test_what_a_person_removed_posted_again_in_disguise_suspends_until_a_moderator_decides(scene: Scene) -> None:
    first = scene.post("You idiot. [threat=0.95]").get_json()["id"]
    with scene.database.reading() as session:
        item = session.scalars(select(Item).where(Item.subject_id == int(first))).one()
    with scene.database.transaction() as session:
        moderator = factories.staff(session, MODERATOR)
    verdict = {"action": "remove", "revision": item.revision, "rule": "threat", "reason": "It is one."}
    decided = f"/api/v1/items/{item.id}/decisions"
    assert scene.client.post(decided, json=verdict, headers=scene.bearer(moderator)).status_code == 201
    with scene.database.transaction() as session:
        session.execute(update(Sanction).values(ends_at=clock.now()))
    body = scene.post("You 1d10t. [threat=0.95]").get_json()
    assert (body["state"], body["reason"]) == (WITHHELD, "severe")
    assert says(scene.post("I did not mean it.")) == (403, "suspended")


GERMAN = "Die Katze sitzt auf der Matte und schaut aus dem Fenster, während es draußen regnet."


def machine(scene: Scene, **keys: str) -> None:
    """The newspaper lays its own keys over what the house says of the machine."""
    acknowledged = {"acknowledgement": ACKNOWLEDGEMENT}
    with scene.database.transaction() as session:
        session.get_one(Site, scene.site.id).policy = {"machine": acknowledged | keys}


@pytest.mark.parametrize("severe", ["suspend", "ban"])
@pytest.mark.parametrize("text", [f"[threat=0.95] {GERMAN}", f"You idiot, I will kill you. [threat=0.95] {GERMAN}"])
def test_what_the_scorer_does_not_read_waits_and_sanctions_nobody(scene: Scene, severe: str, text: str) -> None:
    machine(scene, severe=severe)
    body = scene.post(text).get_json()
    assert (body["state"], body["reason"]) == (HELD, "hold")
    assert scene.only(Assessment).signals["unread"] == "de"
    assert scene.count(Sanction) == scene.count(Statement) == 0
    assert scene.post(f"Noch einmal: {GERMAN}").get_json()["state"] == PUBLISHED


@pytest.mark.parametrize(
    "text", ["You idiot, I will find you. [threat=0.95]", "Yоu idiоt, I will find yоu tоnight. [threat=0.95]"]
)
def test_what_it_reads_is_a_ground_if_the_newspaper_says_so_though_it_is_made_to_look_foreign(
    scene: Scene, text: str
) -> None:
    machine(scene, severe="suspend")
    assert scene.post(text).get_json()["state"] == WITHHELD
    assert scene.only(Sanction).source == "machine"


@pytest.mark.parametrize("severe", ["suspend", "ban"])
def test_what_staff_write_is_withheld_and_the_machine_sanctions_none_of_them(scene: Scene, severe: str) -> None:
    machine(scene, severe=severe)
    with scene.database.transaction() as session:
        factories.give_role(session, session.get_one(Account, scene.reader.id), MODERATOR)
    assert scene.post("You idiot, I will find you. [threat=0.95]").get_json()["state"] == WITHHELD
    assert scene.count(Sanction) == 0


def test_a_newspaper_may_have_what_the_scorer_does_not_read_wait_for_a_moderator(scene: Scene) -> None:
    machine(scene, unread="hold")
    body = scene.post(GERMAN).get_json()
    assert (body["state"], body["reason"]) == (HELD, "unread")
    assert "language" in body["sentence"]
    assert scene.only(Item).reasons == ["unread"]
    assert scene.post("The harbour plan is a good plan for the town.").get_json()["state"] == PUBLISHED
