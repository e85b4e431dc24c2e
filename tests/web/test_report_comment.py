"""PUT /api/v1/comments/<id>/report, and the same by form."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.db import Database
from app.models import Account, Comment, Report
from app.models.comment import DELETED, HELD, REMOVED, WITHHELD
from app.models.sanction import BAN, SUSPENSION, WARNING
from tests.support import factories
from tests.support.callers import Browser, Headers

Bearer = Callable[[Account], Headers]
Open = Callable[[Account | None], Browser]
BODY = {"rule": "respect", "note": "An insult."}


@dataclass
class Scene:
    """A published comment, and a verified reader without a subscription who reads it."""

    reader: Account
    comment: Comment

    @property
    def api(self) -> str:
        return f"/api/v1/comments/{self.comment.id}/report"

    @property
    def form(self) -> str:
        return f"/comments/{self.comment.id}/report"


@pytest.fixture
def scene(database: Database) -> Scene:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        comment = factories.comment(session, story, factories.subscriber(session), "You are a <b>fool</b>.")
        return Scene(factories.account(session), comment)


def _reports(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(Report.id))) or 0


def test_the_anonymous_are_asked_to_sign_in(client: FlaskClient, scene: Scene, database: Database) -> None:
    answer = client.put(scene.api, json=BODY)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "sign_in_required")
    assert client.get(scene.form).status_code == 401
    assert _reports(database) == 0


def test_the_unverified_may_not(client: FlaskClient, scene: Scene, database: Database, bearer: Bearer) -> None:
    with database.transaction() as session:
        unverified = factories.account(session, verified=False)
    answer = client.put(scene.api, json=BODY, headers=bearer(unverified))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "unverified")


@pytest.mark.parametrize(
    ("kind", "code"), [(SUSPENSION, "suspended"), (BAN, "banned"), (WARNING, "warning_unacknowledged")]
)
def test_the_sanctioned_may_not(
    client: FlaskClient, scene: Scene, database: Database, bearer: Bearer, kind: str, code: str
) -> None:
    with database.transaction() as session:
        site = factories.site(session)
        factories.sanction(session, scene.reader, kind, at=site)
    answer = client.put(scene.api, json=BODY, headers=bearer(scene.reader))
    assert (answer.status_code, answer.get_json()["code"]) == (403, code)
    assert _reports(database) == 0


def test_the_lapsed_may(client: FlaskClient, scene: Scene, database: Database, bearer: Bearer) -> None:
    with database.transaction() as session:
        lapsed = factories.subscriber(session, status="canceled")
    assert client.put(scene.api, json=BODY, headers=bearer(lapsed)).status_code == 204
    assert _reports(database) == 1


def test_once_is_enough(client: FlaskClient, scene: Scene, database: Database, bearer: Bearer) -> None:
    headers = bearer(scene.reader)
    assert [client.put(scene.api, json=BODY, headers=headers).status_code for _ in range(2)] == [204, 204]
    assert _reports(database) == 1


def test_nobody_reports_their_own(client: FlaskClient, scene: Scene, database: Database, bearer: Bearer) -> None:
    with database.reading() as session:
        author = session.get_one(Account, scene.comment.account_id)
    answer = client.put(scene.api, json=BODY, headers=bearer(author))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "own_comment")


@pytest.mark.parametrize("state", [HELD, WITHHELD, REMOVED, DELETED])
def test_what_is_not_published_is_not_there(
    client: FlaskClient, scene: Scene, database: Database, bearer: Bearer, state: str
) -> None:
    with database.transaction() as session:
        session.get_one(Comment, scene.comment.id).state = state
    assert client.put(scene.api, json=BODY, headers=bearer(scene.reader)).status_code == 404


@pytest.mark.parametrize("comment", ["0", "17", "-1", "x", "9" * 19, "9" * 40, "1e3"])
def test_an_unknown_comment_is_not_there(client: FlaskClient, scene: Scene, bearer: Bearer, comment: str) -> None:
    answer = client.put(f"/api/v1/comments/{comment}/report", json=BODY, headers=bearer(scene.reader))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"rule": "politeness"}, "unknown_rule", "rule"),
        ({}, "malformed", "rule"),
        ({"rule": 3}, "malformed", "rule"),
        ({"rule": "respect", "note": "x" * 1001}, "note_too_long", "note"),
        ({"rule": "respect", "note": "a\0b"}, "nul", None),
        ({"rule": "respect", "revision": 2}, "unknown_revision", "revision"),
        ({"rule": "respect", "revision": 0}, "unknown_revision", "revision"),
        ({"rule": "respect", "weight": 100}, "malformed", "weight"),
    ],
)
def test_what_is_malformed_is_refused_by_name(
    client: FlaskClient, scene: Scene, bearer: Bearer, body: dict[str, Any], code: str, field: str | None
) -> None:
    answer = client.put(scene.api, json=body, headers=bearer(scene.reader))
    problem = answer.get_json()
    assert (answer.status_code, problem["code"], problem.get("field")) == (422, code, field)


def test_the_form_reports_too(scene: Scene, database: Database, browser: Open) -> None:
    window = browser(scene.reader)
    form = window.get(scene.form)
    assert "You are a &lt;b&gt;fool&lt;/b&gt;." in form.text
    assert form.text.count('type="radio"') == 6
    answer = window.post(scene.form, {"rule": "hate", "note": "", "revision": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/comments/{scene.comment.id}")
    with database.reading() as session:
        report = session.scalars(select(Report)).one()
    assert (report.rule, report.note, report.revision) == ("hate", None, 1)


def test_a_foreign_page_cannot_report_for_a_reader(scene: Scene, database: Database, browser: Open) -> None:
    window = browser(scene.reader)
    assert window.client.post(scene.form, data={"rule": "hate"}).status_code == 403
    assert window.client.put(scene.api, json=BODY).status_code == 403
    assert _reports(database) == 0


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_note = st.none() | st.text() | st.text(st.characters(categories=["Cc", "Cf", "Co"]))
_near = st.fixed_dictionaries(
    {"rule": st.sampled_from(["respect", "hate", "", "Respect"]) | st.text()},
    optional={"note": _note, "revision": st.none() | st.integers()},
)
_bodies = st.one_of(_near, _json).map(json.dumps).map(str.encode) | st.binary()


@settings(max_examples=60)
@given(body=_bodies)
def test_no_body_breaks_it(client: FlaskClient, scene: Scene, bearer: Bearer, body: bytes) -> None:
    answer = client.put(scene.api, data=body, headers=bearer(scene.reader))
    assert answer.status_code in (204, 422, 429)
