"""POST /api/v1/notices, GET /api/v1/notices/<receipt>, and the same by form."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models import Account, Comment, Item, Notice, Report
from app.models.comment import HELD
from app.models.role import MODERATOR
from config.policy import HouseRules
from tests.support import factories, moderating
from tests.support.callers import Browser, Headers

Open = Callable[[Account | None], Browser]
Bearer = Callable[[Account], Headers]


@pytest.fixture
def comment(database: Database) -> Comment:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        return factories.comment(session, story, factories.account(session), "Something <i>forbidden</i>.")


def body(comment: Comment) -> dict[str, Any]:
    return {"comment": str(comment.id), "explanation": "It denies a genocide.", "good_faith": True}


def _rows(database: Database, table: Any) -> list[Any]:
    with database.reading() as session:
        return moderating.rows(session, table)


def test_anyone_may_even_without_a_name(client: FlaskClient, comment: Comment, database: Database) -> None:
    answer = client.post("/api/v1/notices", json=body(comment))
    assert answer.status_code == 201
    (notice,) = _rows(database, Notice)
    assert (notice.snapshot, notice.revision, notice.receipt) == (comment.text, 1, answer.get_json()["receipt"])
    (item,) = _rows(database, Item)
    assert (item.kind, item.subject_id, item.account_id) == ("notice", notice.id, comment.account_id)
    assert not _rows(database, Report)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        pytest.param({"explanation": "  "}, "explanation_required", id="no explanation"),
        pytest.param({"explanation": "x" * 5001}, "explanation_too_long", id="a novel"),
        pytest.param({"name": "x" * 201}, "name_too_long", id="a name that is a novel"),
        pytest.param({"email": "nowhere"}, "email_malformed", id="an address that is none"),
        pytest.param({"good_faith": False}, "good_faith_required", id="no good faith"),
        pytest.param({"comment": "first"}, "unknown_comment", id="an id that is none"),
        pytest.param({"good_faith": "yes"}, "malformed", id="a wrong type"),
        pytest.param({"urgent": True}, "malformed", id="an unknown field"),
    ],
)
def test_a_malformed_notice_is_refused(
    client: FlaskClient, comment: Comment, database: Database, more: dict[str, Any], code: str
) -> None:
    answer = client.post("/api/v1/notices", json=body(comment) | more)
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert not _rows(database, Notice)


def test_what_is_not_shown_cannot_be_noticed(client: FlaskClient, comment: Comment, database: Database) -> None:
    with database.transaction() as session:
        session.get_one(Comment, comment.id).state = HELD
    assert client.post("/api/v1/notices", json=body(comment)).status_code == 404
    assert client.post("/api/v1/notices", json=body(comment) | {"comment": "1"}).status_code == 404
    assert client.get(f"/comments/{comment.id}/notice").status_code == 404


def test_the_receipt_tells_what_became_of_it(
    client: FlaskClient, bearer: Bearer, comment: Comment, database: Database, house: HouseRules
) -> None:
    receipt = client.post("/api/v1/notices", json=body(comment)).get_json()["receipt"]
    path = f"/api/v1/notices/{receipt}"
    assert client.get(path).get_json()["outcome"] == "received"
    for other in (f"{path}x", "/api/v1/notices/%00", "/notices/a%00b"):
        assert client.get(other).status_code == 404
    (item,) = _rows(database, Item)
    with database.transaction() as session:
        moderator = factories.staff(session, MODERATOR)
    decision = {"action": "remove", "revision": item.revision, "rule": "hate", "reason": "It does."}
    answer = client.post(f"/api/v1/items/{item.id}/decisions", json=decision, headers=bearer(moderator))
    assert answer.get_json()["subject_id"] == str(comment.id)
    assert client.get(path).get_json()["outcome"] == "upheld"
    undo = f"/api/v1/decisions/{answer.get_json()['id']}/undo"
    assert client.post(undo, json={"reason": "Looked again."}, headers=bearer(moderator)).status_code == 201
    assert client.get(path).get_json()["outcome"] == "received"


def test_the_form_leads_to_a_page_to_keep(browser: Open, comment: Comment, database: Database) -> None:
    somebody = browser(None)
    assert "Something &lt;i&gt;forbidden&lt;/i&gt;." in somebody.get(f"/comments/{comment.id}/notice").text
    form = {"explanation": "It denies a genocide.", "good_faith": "true", "email": "ann@example.org"}
    sent = somebody.post(f"/comments/{comment.id}/notice", form)
    (notice,) = _rows(database, Notice)
    assert (sent.status_code, sent.location) == (303, f"/notices/{notice.receipt}")
    assert notice.email == "ann@example.org"
    assert notice.receipt in somebody.get(sent.location).text
