"""POST /api/v1/stories/<key>/comments."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import clock
from app.db import Database
from app.models import Account, Assessment, Comment, Item, LedgerEntry, Revision, Sanction, Site, Statement, Story
from app.models.comment import DELETED, HELD, PUBLISHED, REMOVED, WITHHELD
from app.models.role import EDITOR, MODERATOR
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.models.story import CLOSED, PREMODERATED
from app.web.services import EXTENSION, Services
from config.policy import Policy
from tests import factories
from tests.scorers import Silent
from tests.statements import counted
from tests.web.conftest import Headers

Bearer = Callable[[Account], Headers]
TEXT = "I was at the harbour, and the crane was *not* moving."


@dataclass
class Scene:
    """A subscriber before an open story; `post` is what they do."""

    client: FlaskClient
    bearer: Bearer
    database: Database
    site: Site
    story: Story
    reader: Account

    @property
    def path(self) -> str:
        return f"/api/v1/stories/{self.story.key}/comments?site={self.site.key}"

    def post(self, text: str = TEXT, *, by: Account | None = None, path: str = "", **members: Any) -> TestResponse:
        body = {"text": text, **members}
        return self.client.post(path or self.path, json=body, headers=self.bearer(by or self.reader))

    def reader_who(self, **details: Any) -> Account:
        with self.database.transaction() as session:
            return factories.account(session, **details)

    def subscriber(self) -> Account:
        with self.database.transaction() as session:
            return factories.subscriber(session)

    def comment(self, **details: Any) -> Comment:
        with self.database.transaction() as session:
            return factories.comment(session, self.story, factories.account(session), **details)

    def count(self, model: type[Any] = Comment) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def only(self, model: type[Any]) -> Any:
        with self.database.reading() as session:
            return session.scalars(select(model)).one()


@pytest.fixture
def scene(client: FlaskClient, bearer: Bearer, database: Database) -> Scene:
    with database.transaction() as session:
        site = factories.site(session)
        return Scene(client, bearer, database, site, factories.story(session, site), factories.subscriber(session))


def says(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


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
    assert scene.count(Item) == 0


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


def test_over_the_hold_threshold_it_waits_for_a_moderator(scene: Scene, policy: Policy) -> None:
    body = scene.post("[insult=0.8]", confirm=True).get_json()
    assert (body["state"], body["reason"]) == (HELD, "hold")
    assert "moderator" in body["sentence"]
    item = scene.only(Item)
    rule = policy.rule("respect")
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
    services: Services = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = Services(services.settings, services.policy, services.database, Silent())
    body = scene.post().get_json()
    assert (body["state"], body["reason"]) == (HELD, "unscored")
    assert scene.only(Assessment).signals == {"unscored": "crashed"}
    assert scene.only(Item).reasons == ["unscored"]


def test_markup_hides_nothing_from_the_scorer(scene: Scene) -> None:
    assert scene.post("[ins**ult**=0.&#57;]").get_json()["state"] == HELD


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


def test_a_story_that_is_known_keeps_its_name(scene: Scene) -> None:
    assert scene.post(url=f"{scene.site.origins[0]}/elsewhere", title="Changed").status_code == 201
    assert scene.only(Story).title == scene.story.title


def test_a_reply_takes_at_most_fourteen_statements(scene: Scene) -> None:
    parent = scene.comment(parent=scene.comment())
    with counted(scene.database) as statements:
        assert scene.post(parent=str(parent.id)).status_code == 201
    assert len(statements) <= 14, "\n".join(statements)


# what cannot be posted


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/news",
        "javascript:alert(1)",
        "//paper.example/news",
        "https://paper.example.evil.example/",
        "https://paper.example@evil.example/",
        "https://paper.example:444/news",
        "https:\\\\paper.example\\news",
        "https://paper.example/\nnews",
        "http://[",
        "",
    ],
)
def test_stories_live_on_the_papers_own_addresses(scene: Scene, url: str) -> None:
    answer = scene.post(path=f"/api/v1/stories/new/comments?site={scene.site.key}", url=url, title="A title")
    assert says(answer) == (422, "url_not_allowed")
    assert answer.get_json()["field"] == "url"


@pytest.mark.parametrize("title", ["", "  ", "x" * 301, "a\nb"])
def test_a_new_story_has_a_title(scene: Scene, title: str) -> None:
    url = f"{scene.site.origins[0]}/news"
    answer = scene.post(path=f"/api/v1/stories/new/comments?site={scene.site.key}", url=url, title=title)
    assert says(answer) == (422, "bad_title")


def test_a_closed_story_takes_no_comments(scene: Scene) -> None:
    with scene.database.transaction() as session:
        session.get_one(Story, scene.story.id).state = CLOSED
    assert says(scene.post()) == (403, "story_closed")


def test_an_unknown_paper_is_not_found(scene: Scene) -> None:
    assert says(scene.post(path="/api/v1/stories/x/comments?site=nowhere")) == (404, "unknown_site")


@pytest.mark.parametrize("parent", ["1", "0", "-1", "9" * 30, "abc", "", "9223372036854775807"])
def test_an_unknown_parent_is_refused(scene: Scene, parent: str) -> None:
    answer = scene.post(parent=parent)
    assert says(answer) == (422, "unknown_parent")
    assert answer.get_json()["field"] == "parent"


def test_a_parent_in_another_story_is_refused(scene: Scene) -> None:
    with scene.database.transaction() as session:
        other = factories.comment(session, factories.story(session, scene.site), scene.reader)
    assert says(scene.post(parent=str(other.id))) == (422, "unknown_parent")


@pytest.mark.parametrize("state", [HELD, WITHHELD, REMOVED, DELETED])
def test_what_is_not_published_cannot_be_answered(scene: Scene, state: str) -> None:
    parent = scene.comment(state=state)
    assert says(scene.post(parent=str(parent.id))) == (409, "parent_gone")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("\u200b\u2060\ufeff", "empty"),
        ("\u202e\u2066", "empty"),
        ("x" * 5001, "too_long"),
        (">" * 50_000, "too_long"),
        ("a\x00b", "nul"),
    ],
)
def test_bad_texts_are_refused(scene: Scene, text: str, code: str) -> None:
    answer = scene.post(text)
    assert says(answer) == (422, code)
    if code == "too_long":
        assert (answer.get_json()["field"], answer.get_json()["limit"]) == ("text", 5000)
    assert scene.count() == 0


def test_five_thousand_nested_quotes_are_only_text(scene: Scene) -> None:
    assert scene.post(">" * 4999 + "x").status_code == 201


def test_direction_tricks_are_not_stored(scene: Scene) -> None:
    assert scene.post("in\u200bvis\u202eible").get_json()["text"] == "invisible"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"text": 7}',
        b'{"text": null}',
        b'{"text": ["a"]}',
        b'{"text": "a", "parent": 7}',
        b'{"text": "a", "confirm": "yes"}',
        b'{"text": "a", "state": "published"}',
        b'{"text": "\xff\xfe"}',
        b'{"text": "\xed\xa0\x80"}',
        b'{"text": "\\ud800"}',
        b'{"text": "a' + b"\\udfff" + b'"}',
        b"[" * 60_000,
    ],
)
def test_what_is_not_the_right_json_is_refused(scene: Scene, raw: bytes) -> None:
    headers = {**scene.bearer(scene.reader), "Content-Type": "application/json"}
    answer = scene.client.post(scene.path, data=raw, headers=headers)
    assert answer.status_code == 422
    assert scene.count() == 0


def test_a_megabyte_is_too_large(scene: Scene) -> None:
    assert says(scene.post("x" * 1_000_000)) == (413, "too_large")


def test_the_same_comment_twice_in_a_minute_is_refused_however_it_is_spaced(scene: Scene, policy: Policy) -> None:
    assert scene.post("Buy now").status_code == 201
    assert says(scene.post("buy   NOW\u200d")) == (409, "repeated")
    assert scene.post("Buy now", by=scene.subscriber()).status_code == 201
    with time_machine.travel(clock.now() + timedelta(seconds=policy.limits.repeat_seconds + 1), tick=True):
        assert scene.post("Buy now").status_code == 201


def test_the_limit_of_a_minute_says_when_to_come_back(scene: Scene, policy: Policy) -> None:
    limit = policy.limits.posts_per_minute
    for number in range(limit):
        assert scene.post(f"Thought {number}").status_code == 201
    answer = scene.post("One more thought")
    assert says(answer) == (429, "too_many")
    wait = int(answer.headers["Retry-After"])
    assert 0 < wait <= 60
    assert scene.count() == limit
    with time_machine.travel(clock.now() + timedelta(seconds=wait), tick=True):
        assert scene.post("One more thought").status_code == 201


def test_the_limit_of_a_day_counts_what_was_deleted_too(scene: Scene, policy: Policy) -> None:
    now = clock.now()
    with scene.database.transaction() as session:
        reader = session.get_one(Account, scene.reader.id)
        for number in range(policy.limits.posts_per_day):
            at = now - timedelta(minutes=2 + number)
            factories.comment(session, scene.story, reader, f"Thought {number}", at=at, state=DELETED)
    answer = scene.post()
    assert says(answer) == (429, "too_many")
    assert int(answer.headers["Retry-After"]) > 3600


PIECES = st.sampled_from(
    ["a", ">", "\x00", "\ud800", "\u202e", "\U0001f600", "<b>", "[x](y)", "\n", " ", "%s", "%(x)s"]
)
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.lists(PIECES).map("".join))
FIELDS = st.sampled_from(["text", "parent", "url", "title", "confirm", "unknown"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.one_of(VALUES, st.dictionaries(FIELDS, VALUES)), key=st.text("ab /%?#.é\x00", min_size=1, max_size=8))
def test_whatever_is_sent_nothing_breaks(scene: Scene, body: Any, key: str) -> None:
    raw = json.dumps(body).encode()
    headers = {**scene.bearer(scene.reader), "Content-Type": "application/json"}
    for path in (scene.path, f"/api/v1/stories/{key}/comments"):
        assert scene.client.post(path, data=raw, headers=headers).status_code < 500
