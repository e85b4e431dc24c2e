"""/queue/<item>: the decision, its undo, and what is asked about appeals, notices and severe items."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.db import Database
from app.ids import new_id
from app.models import Account, Comment, Item, Statement, Strike
from app.models.role import MODERATOR
from app.moderation import appeals, decisions, notices, reports
from app.moderation.decisions import Intent
from app.moderation.reports import Complaint
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.callers import Browser, Headers
from tests.support.reported import Case, latest_decision, reported, state_of

Bearer = Callable[[Account], Headers]
Open = Callable[[Account | None], Browser]


@pytest.fixture
def case(database: Database, house: HouseRules) -> Case:
    return reported(database, house)


def test_deciding_leads_to_the_next_item_with_an_undo(case: Case, database: Database, browser: Open) -> None:
    window = browser(case.moderator)
    form = {"revision": "1", "action": "remove", "rule": "respect", "reason": "Calling somebody a fool."}
    answer = window.post(case.page, form)
    decision = latest_decision(database)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/queue/{case.below.id}?decided={decision.id}"
    assert state_of(database, case.comment) == "removed"
    following = window.get(answer.headers["Location"]).text
    assert "Removed" in following
    assert f'action="/decisions/{decision.id}/undo"' in following


def test_the_button_undoes_and_asks_again(case: Case, database: Database, browser: Open) -> None:
    window = browser(case.moderator)
    window.post(case.page, {"revision": "1", "action": "remove", "rule": "respect", "reason": ""})
    decision = latest_decision(database)
    answer = window.post(f"/decisions/{decision.id}/undo", {"back": "/queue/log"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/queue/log")
    assert state_of(database, case.comment) == "published"
    log = window.get("/queue/log").text
    assert "undone" in log
    assert "You are a fool." in window.get("/queue").text


@pytest.mark.parametrize("back", ["https://evil.example/queue", "/queue\r\nX-Evil: yes"])
def test_an_undo_leads_nowhere_else(case: Case, database: Database, browser: Open, back: str) -> None:
    window = browser(case.moderator)
    window.post(case.page, {"revision": "1", "action": "approve"})
    answer = window.post(f"/decisions/{latest_decision(database).id}/undo", {"back": back})
    assert answer.headers["Location"] == "/queue"


def test_a_reason_left_empty_names_the_rule(case: Case, database: Database, browser: Open) -> None:
    browser(case.moderator).post(case.page, {"revision": "1", "action": "warn", "rule": "respect", "reason": ""})
    assert latest_decision(database).reason == "It breaks the rule “Argue with the point, not the person”."


def test_who_is_found_right_broke_no_rule(case: Case, database: Database, browser: Open) -> None:
    browser(case.moderator).post(case.page, {"revision": "1", "action": "approve", "rule": "respect"})
    decision = latest_decision(database)
    assert (decision.action, decision.rule, decision.reason) == ("approve", None, "")


def test_stale_sight_is_409_with_the_new_state_and_the_reason_kept(
    case: Case, database: Database, house: HouseRules, browser: Open
) -> None:
    with database.transaction() as session:
        late = factories.account(session, "Late Reporter")
        reports.report_comment(session, house, late.id, case.comment.id, Complaint("hate"))
    form = {"revision": "1", "action": "remove", "rule": "respect", "reason": "My careful words."}
    answer = browser(case.moderator).post(case.page, form)
    assert answer.status_code == 409
    assert "Late Reporter" in answer.text
    assert "My careful words." in answer.text
    assert 'name="revision" value="2"' in answer.text
    assert state_of(database, case.comment) == "published"


def test_what_another_has_decided_is_shown_with_the_reason_kept(
    case: Case, database: Database, house: HouseRules, settings: Settings, browser: Open
) -> None:
    with database.transaction() as session:
        other = moderating.moderator(session)
        decisions.decide(session, house, other, Intent(case.item.id, 1, "approve"))
    form = {"revision": "1", "action": "remove", "rule": "respect", "reason": "My careful words."}
    answer = browser(case.moderator).post(case.page, form)
    assert answer.status_code == 409
    assert "This has been decided." in answer.text
    assert "My careful words." in answer.text
    assert state_of(database, case.comment) == "published"


@pytest.mark.parametrize(
    "form",
    [
        {"action": "remove"},
        {"action": "suspend", "rule": "respect"},
        {"action": "applaud", "rule": "respect"},
        {"action": "remove", "rule": "politeness"},
    ],
)
def test_what_cannot_be_decided_keeps_the_reason(
    case: Case, database: Database, browser: Open, form: dict[str, str]
) -> None:
    answer = browser(case.moderator).post(case.page, {"revision": "1", "reason": "My careful words.", **form})
    assert answer.status_code == 422
    assert "My careful words." in answer.text
    assert latest_decision(database) is None


def test_the_page_says_that_this_decision_bans(case: Case, database: Database, browser: Open) -> None:
    with database.transaction() as session:
        earlier = factories.sanction(session, case.author, "warning", at=case.site, acknowledged=True)
        session.add(
            Strike(
                id=new_id(),
                account_id=case.author.id,
                decision_id=earlier.decision_id,
                rule="threat",
                points=10,
                written_at=clock.now() - timedelta(days=2),
                created_at=clock.now() - timedelta(days=1),
                expires_at=clock.now() + timedelta(days=1),
            )
        )
    window = browser(case.moderator)
    page = window.get(case.page).text
    assert "this decision bans" in page
    assert "10 strike points count today" in page
    window.post(case.page, {"revision": "1", "action": "remove", "rule": "respect"})
    with database.reading() as session:
        statement = session.scalars(select(Statement).order_by(Statement.id.desc())).first()
    assert statement is not None
    assert "account_terminated" in statement.restrictions


@pytest.mark.parametrize(
    ("severe", "sentence"),
    [
        ("suspend_on_repeat", "The machine withheld this until you decide. Its author goes on writing."),
        ("suspend", "The machine withheld this and suspended its author until you decide."),
        ("ban", "The machine withheld this and banned its author."),
    ],
)
def test_a_severe_item_says_what_the_machine_did(
    client: FlaskClient,
    case: Case,
    database: Database,
    house: HouseRules,
    bearer: Bearer,
    browser: Open,
    severe: str,
    sentence: str,
) -> None:
    with database.transaction() as session:
        comment = session.get_one(Comment, case.comment.id)
        moderating.withhold(session, moderating.with_severe(house, severe), comment)
    assert client.get(case.api, headers=bearer(case.moderator)).get_json()["proposal"] == "ban"
    assert sentence in browser(case.moderator).get(case.page).text


def test_a_reporter_does_not_decide_on_their_own_report(
    case: Case, database: Database, house: HouseRules, browser: Open
) -> None:
    with database.transaction() as session:
        reports.report_comment(session, house, case.moderator.id, case.comment.id, Complaint("hate"))
    window = browser(case.moderator)
    assert "You are part of this case" in window.get(case.page).text
    assert window.post(case.page, {"revision": "2", "action": "approve"}).status_code == 403


def test_an_appeal_shows_the_decision_and_is_answered_by_somebody_else(
    case: Case, database: Database, house: HouseRules, settings: Settings, browser: Open
) -> None:
    with database.transaction() as session:
        first = moderating.identity_of(session, case.moderator)
        decided = decisions.decide(
            session, house, first, Intent(case.item.id, 1, "remove", "respect", "Calling somebody a fool.")
        )
        assert decided.statement_id is not None
        appeals.file(session, house, case.author.id, decided.statement_id, "It was a quotation.")
        second = factories.staff(session, MODERATOR, at=case.site)
        item = session.scalars(select(Item).where(Item.kind == "appeal")).one()
    page = browser(case.moderator).get(f"/queue/{item.id}").text
    assert "You are part of this case" in page
    window = browser(second)
    page = window.get(f"/queue/{item.id}").text
    for shown in ("It was a quotation.", "Calling somebody a fool.", "You are a fool.", "Let it stand", "Overturn"):
        assert shown in page
    answer = window.post(f"/queue/{item.id}", {"revision": "1", "action": "overturn", "reason": "So it was."})
    assert answer.status_code == 303
    assert state_of(database, case.comment) == "published"


def test_a_legal_notice_shows_the_text_as_it_stood(
    client: FlaskClient, case: Case, database: Database, house: HouseRules, bearer: Bearer, browser: Open
) -> None:
    with database.transaction() as session:
        told = notices.Told("This is defamation.", "K. Lund", None, True)
        notice = notices.file(session, house, case.comment.id, told)
        session.get_one(Comment, case.comment.id).text = "You are a fine fellow."
        item = session.scalars(select(Item).where(Item.subject_id == notice.id)).one()
    window = browser(case.moderator)
    page = window.get(f"/queue/{item.id}").text
    for shown in ("This is defamation.", "K. Lund", "You are a fool.", "You are a fine fellow.", "Name-calling."):
        assert shown in page
    assert "This is defamation." in window.get("/queue?kind=notice").text
    answer = client.get(f"/api/v1/items/{item.id}", headers=bearer(case.moderator)).get_json()
    assert answer["notice"]["snapshot"] == "You are a fool."
    form = {"revision": "1", "action": "remove", "rule": "respect", "reason": "It is."}
    assert window.post(f"/queue/{item.id}", form).status_code == 303
    assert state_of(database, case.comment) == "removed"


def test_a_moderator_takes_up_what_nobody_reported(case: Case, database: Database, browser: Open) -> None:
    window = browser(case.moderator)
    with database.reading() as session:
        parent = session.get_one(Comment, case.comment.parent_id)
    first = window.post(f"/comments/{parent.id}/desk")
    again = window.post(f"/comments/{parent.id}/desk")
    assert (first.status_code, first.headers["Location"]) == (303, again.headers["Location"])
    assert "A calm thought." in window.get(first.headers["Location"]).text
    assert browser(case.reporter).post(f"/comments/{parent.id}/desk").status_code == 404
