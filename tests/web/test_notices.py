"""POST /api/v1/notices, GET /api/v1/notices/<receipt>, and the same by form."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import worker
from app.billing import throttle
from app.db import Database
from app.mail import letters
from app.models import Account, Comment, Item, Letter, Notice, Report, Story
from app.models.comment import HELD
from app.models.role import MODERATOR
from app.moderation import appeals, decisions, notices
from app.moderation.decisions import Intent
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.assembled import assembled
from tests.support.callers import Browser, Headers
from tests.support.plain_relay import plain_relay
from tests.support.together import at_once

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


@pytest.mark.parametrize(
    ("action", "subject"),
    [("remove", "We have acted on your notice"), ("dismiss", "We have decided on your notice")],
)
def test_its_sender_gets_a_receipt_and_the_decision_with_reasons_and_redress_once(
    client: FlaskClient,
    bearer: Bearer,
    comment: Comment,
    database: Database,
    settings: Settings,
    house: HouseRules,
    action: str,
    subject: str,
) -> None:
    with plain_relay() as relay:
        by_smtp = dataclasses.replace(settings, mail="smtp", smtp_url=relay.url)
        runner = worker.runner(throttle.throttled(assembled(by_smtp, house, database)))
        receipt = client.post("/api/v1/notices", json=body(comment) | {"email": "ann@häfen.example"}).get_json()[
            "receipt"
        ]
        runner.run_all()
        (item,) = _rows(database, Item)
        with database.transaction() as session:
            moderator = factories.staff(session, MODERATOR)
        decision = {"action": action, "revision": item.revision, "reason": "A witness says <b>so</b>."}
        decision |= {"rule": "hate"} if action == "remove" else {}
        sent = client.post(f"/api/v1/items/{item.id}/decisions", json=decision, headers=bearer(moderator))
        assert sent.status_code == 201
        runner.run_all()
        for job in _rows(database, Letter):
            worker.handlers(assembled(by_smtp, house, database))[letters.SEND]({"letter_id": str(job.id)})
    mine = [
        letter
        for (_, to), letter in zip(relay.envelopes, relay.letters, strict=True)
        if to == "ann@xn--hfen-loa.example"
    ]
    assert [letter["Subject"] for letter in mine] == ["We have received your notice", subject]
    link = f"{settings.public_url}/notices/{receipt}"
    assert all(link in letter.get_content() for letter in mine)
    assert "the courts" in mine[1].get_content()
    assert "witness" not in mine[1].get_content()
    page = client.get(f"/notices/{receipt}").text
    assert "A witness says &lt;b&gt;so&lt;/b&gt;." in page
    assert ("No hatred" in page) == (action == "remove")
    assert "out-of-court" in page


def test_an_appeal_that_is_granted_dismisses_the_notice_and_its_sender_is_told(
    client: FlaskClient, comment: Comment, database: Database, house: HouseRules
) -> None:
    told = body(comment) | {"email": "ann@example.org"}
    receipt = client.post("/api/v1/notices", json=told).get_json()["receipt"]
    (item,) = _rows(database, Item)
    with database.transaction() as session:
        first, second = (moderating.moderator(session) for _ in range(2))
        removal = Intent(item.id, item.revision, "remove", "hate", "A witness says so.")
        removed = decisions.decide(session, house, first, removal)
        assert removed.statement_id
        appeals.file(session, house, comment.account_id, removed.statement_id, "I was quoting.")
        (asked,) = moderating.rows(session, Item, kind="appeal")
        overturn = Intent(asked.id, asked.revision, "overturn", reason="You were, dear Kim.")
        decisions.decide(session, house, second, overturn)
    assert _outcomes(client, [receipt]) == {"dismissed"}
    page = client.get(f"/notices/{receipt}").text
    assert "found no reason to act" in page
    assert "the appeal was granted" in page
    assert "dear Kim" not in page
    letters_to_her = [letter.kind for letter in _rows(database, Letter) if letter.kind.startswith("notice")]
    assert letters_to_her == ["notice_received", "notice_upheld", "notice_dismissed"]


def test_a_notice_is_dismissed_with_a_reason_too(
    client: FlaskClient, bearer: Bearer, comment: Comment, database: Database
) -> None:
    client.post("/api/v1/notices", json=body(comment))
    (item,) = _rows(database, Item)
    with database.transaction() as session:
        moderator = factories.staff(session, MODERATOR)
    decision = {"action": "dismiss", "revision": item.revision}
    answer = client.post(f"/api/v1/items/{item.id}/decisions", json=decision, headers=bearer(moderator))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "reason_required")


def test_nobody_is_buried_under_receipts(house: HouseRules, comment: Comment, database: Database) -> None:
    with database.transaction() as session:
        for _ in range(notices.RECEIPTS_AN_HOUR + 3):
            told = notices.Told("It is.", None, "victim@example.org", good_faith=True)
            notices.file(session, house, comment.id, told)
    assert len(_rows(database, Letter)) == notices.RECEIPTS_AN_HOUR


def test_thirty_notices_of_one_comment_are_one_question_with_one_answer_for_each(
    client: FlaskClient, bearer: Bearer, browser: Open, comment: Comment, database: Database
) -> None:
    told = [f"It is unlawful, reason {number}." for number in range(30)]
    receipts = [_told(client, comment, explanation) for explanation in told]
    (item,) = _rows(database, Item)
    assert (item.state, item.revision, item.priority) == ("open", 30, 4.0)
    assert {notice.item_id for notice in _rows(database, Notice)} == {item.id}
    with database.transaction() as session:
        moderator = factories.staff(session, MODERATOR)
    page = browser(moderator).get(f"/queue/{item.id}").text
    assert "30 legal notices" in page
    assert [explanation for explanation in told if explanation not in page] == []
    read = client.get(f"/api/v1/items/{item.id}", headers=bearer(moderator)).get_json()
    assert [notice["explanation"] for notice in read["notices"]] == told
    assert _outcomes(client, receipts) == {"received"}
    decision = {"action": "remove_only", "revision": 30, "rule": "hate", "reason": "It does."}
    decided = client.post(f"/api/v1/items/{item.id}/decisions", json=decision, headers=bearer(moderator))
    assert decided.status_code == 201
    assert len(set(receipts)) == 30
    assert _outcomes(client, receipts) == {"upheld"}
    undo = f"/api/v1/decisions/{decided.get_json()['id']}/undo"
    assert client.post(undo, json={"reason": "Looked again."}, headers=bearer(moderator)).status_code == 201
    assert _outcomes(client, receipts) == {"received"}
    (again,) = [each for each in _rows(database, Item) if each.state == "open"]
    assert "30 legal notices" in browser(moderator).get(f"/queue/{again.id}").text


def test_notices_of_before_and_after_an_answer_that_was_undone_meet_again(
    client: FlaskClient, bearer: Bearer, comment: Comment, database: Database
) -> None:
    with database.transaction() as session:
        moderator = factories.staff(session, MODERATOR)
    first = _told(client, comment, "It denies a genocide.")
    (item,) = _rows(database, Item)
    decision = {"action": "dismiss", "revision": 1, "reason": "It does not."}
    path = f"/api/v1/items/{item.id}/decisions"
    dismissed = client.post(path, json=decision, headers=bearer(moderator)).get_json()["id"]
    second = _told(client, comment, "It does deny it.")
    assert (_outcomes(client, [first]), _outcomes(client, [second])) == ({"dismissed"}, {"received"})
    undo = f"/api/v1/decisions/{dismissed}/undo"
    assert client.post(undo, json={"reason": "Looked again."}, headers=bearer(moderator)).status_code == 201
    (left,) = [each for each in _rows(database, Item) if each.state == "open"]
    assert {notice.item_id for notice in _rows(database, Notice)} == {left.id}
    assert _outcomes(client, [first, second]) == {"received"}


def test_a_notice_of_another_comment_is_another_question(
    client: FlaskClient, comment: Comment, database: Database
) -> None:
    _told(client, comment, "It denies a genocide.")
    with database.transaction() as session:
        other = factories.comment(session, session.get_one(Story, comment.story_id), factories.account(session))
    _told(client, other, "So does this.")
    assert len(_rows(database, Item)) == 2


def test_notices_at_the_same_moment_meet(app: Flask, comment: Comment, database: Database) -> None:
    def tell(number: int) -> str:
        return _told(app.test_client(), comment, f"Reason {number}.")

    assert len(set(at_once(tell, 6))) == 6
    (item,) = _rows(database, Item)
    assert {notice.item_id for notice in _rows(database, Notice)} == {item.id}


def _told(client: FlaskClient, comment: Comment, explanation: str) -> str:
    """The receipt of a notice."""
    answer = client.post("/api/v1/notices", json=body(comment) | {"explanation": explanation})
    assert answer.status_code == 201
    receipt: str = answer.get_json()["receipt"]
    return receipt


def _outcomes(client: FlaskClient, receipts: list[str]) -> set[str]:
    return {client.get(f"/api/v1/notices/{receipt}").get_json()["outcome"] for receipt in receipts}
