"""/queue/<item> and /api/v1/items/<id>: everything about one item, and the decision."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.db import Database
from app.ids import new_id
from app.models import Account, Assessment, Comment, Decision, Item, Revision, Site, Statement, Strike
from app.models.role import EDITOR, MODERATOR
from app.models.sanction import BAN
from app.moderation import appeals, decisions, notices, reports
from config.policy import Policy
from config.settings import Settings
from tests import factories, moderating
from tests.web.conftest import Browser, Headers

Bearer = Callable[[Account], Headers]
Open = Callable[[Account | None], Browser]


@dataclass
class Case:
    """A reply that one reader reported as an insult, a second item below it, and a moderator."""

    site: Site
    moderator: Account
    author: Account
    reporter: Account
    comment: Comment
    item: Item
    below: Item

    @property
    def page(self) -> str:
        return f"/queue/{self.item.id}"

    @property
    def api(self) -> str:
        return f"/api/v1/items/{self.item.id}"


@pytest.fixture
def case(database: Database, policy: Policy) -> Case:
    with database.transaction() as session:
        site = factories.site(session)
        story = factories.story(session, site)
        author, reporter = factories.account(session, "Rowdy Author"), factories.account(session, "Keen Reporter")
        parent = factories.comment(session, story, factories.account(session, "First Speaker"), "A calm thought.")
        comment = factories.comment(session, story, author, "You are a fool.", parent=parent)
        reports.report_comment(session, policy, reporter.id, comment.id, "respect", "Name-calling.", None)
        item = session.scalars(select(Item)).one()
        below = moderating.ask(session, policy, factories.comment(session, story, author, "Something milder."))
        moderator = factories.staff(session, MODERATOR, "Calm Moderator", at=site)
        return Case(site, moderator, author, reporter, comment, item, below)


def _decision(database: Database) -> Decision:
    with database.reading() as session:
        return session.scalars(select(Decision).order_by(Decision.id.desc())).first()  # type: ignore[return-value]


def _state(database: Database, comment: Comment) -> str:
    with database.reading() as session:
        return session.get_one(Comment, comment.id).state


def test_an_item_does_not_exist_for_readers(
    client: FlaskClient, case: Case, database: Database, bearer: Bearer, browser: Open
) -> None:
    assert client.get(case.api).status_code == 404
    with database.transaction() as session:
        lapsed = factories.subscriber(session, status="canceled")
        banned = factories.account(session)
        factories.sanction(session, banned, BAN, at=case.site)
    for reader in (case.author, case.reporter, lapsed, banned):
        assert client.get(case.api, headers=bearer(reader)).status_code == 404
        assert browser(reader).get(case.page).status_code == 404
        assert browser(reader).post(case.page, {"revision": "1", "action": "approve"}).status_code == 404


def test_an_item_does_not_exist_for_the_editor_of_another_site(
    client: FlaskClient, case: Case, database: Database, bearer: Bearer, browser: Open
) -> None:
    with database.transaction() as session:
        elsewhere = factories.staff(session, EDITOR, at=factories.site(session))
    assert client.get(case.api, headers=bearer(elsewhere)).status_code == 404
    window = browser(elsewhere)
    assert window.get(case.page).status_code == 404
    assert window.post(case.page, {"revision": "1", "action": "approve"}).status_code == 404
    assert _decision(database) is None


@pytest.mark.parametrize("item", ["0", "x", "9" * 19])
def test_an_unknown_item_is_not_there(client: FlaskClient, case: Case, bearer: Bearer, item: str) -> None:
    assert client.get(f"/api/v1/items/{item}", headers=bearer(case.moderator)).status_code == 404


def test_the_page_shows_text_context_reports_signals_and_record(case: Case, database: Database, browser: Open) -> None:
    with database.transaction() as session:
        session.add(
            Assessment(
                id=new_id(),
                comment_id=case.comment.id,
                revision=1,
                outcome="publish",
                reasons=[],
                signals={"score.insult": 0.4321},
                scorer="marked-1",
                created_at=clock.now(),
            )
        )
    answer = browser(case.moderator).get(case.page)
    assert answer.status_code == 200
    for shown in (
        "You are a fool.",
        "A calm thought.",
        "First Speaker",
        "Rowdy Author",
        "Keen Reporter",
        "Name-calling.",
        "Argue with the point, not the person",
        "Insult",
        "0.43",
        "in good standing",
    ):
        assert shown in answer.text
    assert "<script" not in answer.text
    assert "style=" not in answer.text


def test_the_page_shows_the_scores_of_imported_history(case: Case, database: Database, browser: Open) -> None:
    with database.transaction() as session:
        seen = {"score.threat": 0.1234, "score.insult": 0.4321, "origin": "import"}
        common = {"comment_id": case.comment.id, "revision": 1, "outcome": "publish", "reasons": []}
        session.add(Assessment(signals=seen, scorer="marked-1", created_at=clock.now(), **common))
    page = browser(case.moderator).get(case.page).text
    assert page.index("0.43") < page.index("0.12")
    assert "origin: import" in page


def test_one_key_decides(case: Case, browser: Open) -> None:
    page = browser(case.moderator).get(case.page).text
    for action, key in {"approve": "a", "remove": "r", "warn": "w", "suspend": "s", "ban": "b"}.items():
        assert re.search(f'<button name="action" value="{action}"[^>]* accesskey="{key}"', page)
    assert re.search('value="respect" checked', page)


def test_programs_read_the_same(client: FlaskClient, case: Case, bearer: Bearer) -> None:
    item = client.get(case.api, headers=bearer(case.moderator)).get_json()
    assert (item["kind"], item["state"], item["revision"], item["report_count"]) == ("comment", "open", 1, 1)
    assert (item["comment"]["text"], item["parent"]["text"]) == ("You are a fool.", "A calm thought.")
    assert [(r["rule"], r["note"], r["reporter"]["name"]) for r in item["reports"]] == [
        ("respect", "Name-calling.", "Keen Reporter")
    ]
    assert item["record"]["standing"]["kind"] == "good"
    assert item["consequences"]["respect"]["remove"] == ["visibility_removed", "warning"]
    assert item["consequences"]["threat"]["ban"] == ["visibility_removed", "account_terminated"]


def test_an_edit_after_the_report_hides_nothing(case: Case, database: Database, browser: Open) -> None:
    with database.transaction() as session:
        comment = session.get_one(Comment, case.comment.id)
        comment.text, comment.revision = "I beg to differ.", 2
        session.add(Revision(comment_id=comment.id, number=2, text=comment.text, created_at=clock.now()))
    page = browser(case.moderator).get(case.page).text
    assert "I beg to differ." in page
    assert "You are a fool." in page


def test_deciding_leads_to_the_next_item_with_an_undo(case: Case, database: Database, browser: Open) -> None:
    window = browser(case.moderator)
    form = {"revision": "1", "action": "remove", "rule": "respect", "reason": "Calling somebody a fool."}
    answer = window.post(case.page, form)
    decision = _decision(database)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/queue/{case.below.id}?decided={decision.id}"
    assert _state(database, case.comment) == "removed"
    following = window.get(answer.headers["Location"]).text
    assert "Removed" in following
    assert f'action="/decisions/{decision.id}/undo"' in following


def test_the_button_undoes_and_asks_again(case: Case, database: Database, browser: Open) -> None:
    window = browser(case.moderator)
    window.post(case.page, {"revision": "1", "action": "remove", "rule": "respect", "reason": ""})
    decision = _decision(database)
    answer = window.post(f"/decisions/{decision.id}/undo", {"back": "/queue/log"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/queue/log")
    assert _state(database, case.comment) == "published"
    log = window.get("/queue/log").text
    assert "undone" in log
    assert "You are a fool." in window.get("/queue").text


@pytest.mark.parametrize("back", ["https://evil.example/queue", "/queue\r\nX-Evil: yes"])
def test_an_undo_leads_nowhere_else(case: Case, database: Database, browser: Open, back: str) -> None:
    window = browser(case.moderator)
    window.post(case.page, {"revision": "1", "action": "approve"})
    answer = window.post(f"/decisions/{_decision(database).id}/undo", {"back": back})
    assert answer.headers["Location"] == "/queue"


def test_a_reason_left_empty_names_the_rule(case: Case, database: Database, browser: Open) -> None:
    browser(case.moderator).post(case.page, {"revision": "1", "action": "warn", "rule": "respect", "reason": ""})
    assert _decision(database).reason == "It breaks the rule “Argue with the point, not the person”."


def test_who_is_found_right_broke_no_rule(case: Case, database: Database, browser: Open) -> None:
    browser(case.moderator).post(case.page, {"revision": "1", "action": "approve", "rule": "respect"})
    decision = _decision(database)
    assert (decision.action, decision.rule, decision.reason) == ("approve", None, "")


def test_stale_sight_is_409_with_the_new_state_and_the_reason_kept(
    case: Case, database: Database, policy: Policy, browser: Open
) -> None:
    with database.transaction() as session:
        late = factories.account(session, "Late Reporter")
        reports.report_comment(session, policy, late.id, case.comment.id, "hate", None, None)
    form = {"revision": "1", "action": "remove", "rule": "respect", "reason": "My careful words."}
    answer = browser(case.moderator).post(case.page, form)
    assert answer.status_code == 409
    assert "Late Reporter" in answer.text
    assert "My careful words." in answer.text
    assert 'name="revision" value="2"' in answer.text
    assert _state(database, case.comment) == "published"


def test_what_another_has_decided_is_shown_with_the_reason_kept(
    case: Case, database: Database, policy: Policy, settings: Settings, browser: Open
) -> None:
    with database.transaction() as session:
        other = moderating.moderator(session)
        decisions.decide(session, settings, policy, other, case.item.id, 1, "approve")
    form = {"revision": "1", "action": "remove", "rule": "respect", "reason": "My careful words."}
    answer = browser(case.moderator).post(case.page, form)
    assert answer.status_code == 409
    assert "This has been decided." in answer.text
    assert "My careful words." in answer.text
    assert _state(database, case.comment) == "published"


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
    assert _decision(database) is None


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
                created_at=clock.now(),
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


def test_a_severe_item_proposes_the_ban(
    client: FlaskClient, case: Case, database: Database, policy: Policy, bearer: Bearer, browser: Open
) -> None:
    with database.transaction() as session:
        moderating.ask(session, policy, session.get_one(Comment, case.comment.id), reason="severe")
    assert client.get(case.api, headers=bearer(case.moderator)).get_json()["proposal"] == "ban"
    assert "A permanent ban is prepared" in browser(case.moderator).get(case.page).text


def test_a_reporter_does_not_decide_on_their_own_report(
    case: Case, database: Database, policy: Policy, browser: Open
) -> None:
    with database.transaction() as session:
        reports.report_comment(session, policy, case.moderator.id, case.comment.id, "hate", None, None)
    window = browser(case.moderator)
    assert "You are part of this case" in window.get(case.page).text
    assert window.post(case.page, {"revision": "2", "action": "approve"}).status_code == 403


def test_an_appeal_shows_the_decision_and_is_answered_by_somebody_else(
    case: Case, database: Database, policy: Policy, settings: Settings, browser: Open
) -> None:
    with database.transaction() as session:
        first = moderating.identity_of(session, case.moderator)
        decided = decisions.decide(
            session, settings, policy, first, case.item.id, 1, "remove", "respect", "Calling somebody a fool."
        )
        assert decided.statement_id is not None
        appeals.file(session, policy, case.author.id, decided.statement_id, "It was a quotation.")
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
    assert _state(database, case.comment) == "published"


def test_a_legal_notice_shows_the_text_as_it_stood(
    client: FlaskClient, case: Case, database: Database, policy: Policy, bearer: Bearer, browser: Open
) -> None:
    with database.transaction() as session:
        told = notices.Told("This is defamation.", "K. Lund", None, True)
        notice = notices.file(session, policy, case.comment.id, told)
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
    assert _state(database, case.comment) == "removed"


def test_a_moderator_takes_up_what_nobody_reported(case: Case, database: Database, browser: Open) -> None:
    window = browser(case.moderator)
    with database.reading() as session:
        parent = session.get_one(Comment, case.comment.parent_id)
    first = window.post(f"/comments/{parent.id}/desk")
    again = window.post(f"/comments/{parent.id}/desk")
    assert (first.status_code, first.headers["Location"]) == (303, again.headers["Location"])
    assert "A calm thought." in window.get(first.headers["Location"]).text
    assert browser(case.reporter).post(f"/comments/{parent.id}/desk").status_code == 404
