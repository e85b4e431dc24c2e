"""/queue/<item> and /api/v1/items/<id>: everything about one item."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app import clock
from app.db import Database
from app.ids import new_id
from app.models import Account, Assessment, Comment, Revision
from app.models.role import EDITOR
from app.models.sanction import BAN
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import Browser, Headers
from tests.support.reported import Case, latest_decision, reported

Bearer = Callable[[Account], Headers]
Open = Callable[[Account | None], Browser]


@pytest.fixture
def case(database: Database, house: HouseRules) -> Case:
    return reported(database, house)


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
    assert latest_decision(database) is None


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
    for action, key in {
        "approve": "a",
        "remove": "r",
        "warn": "w",
        "suspend": "s",
        "ban": "b",
        "remove_only": "o",
    }.items():
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


def _choices(page: str) -> dict[str, str]:
    """What stands behind each rule."""
    found = re.findall(r'name="rule" value="(\w+)".*?<span>(.*?)</span>', page, re.DOTALL)
    return {rule: " ".join(re.sub("<[^>]+>", " ", words).split()) for rule, words in found}


def test_what_a_rule_leads_to_stands_behind_it_before_the_decision_and_in_its_confirmation(
    case: Case, browser: Open
) -> None:
    window = browser(case.moderator)
    page = window.get(case.page).text
    choices = _choices(page)
    assert choices["threat"].endswith("+6 → suspends for 7 days")
    assert choices["respect"].endswith("+2 → warns")
    assert choices["topic"].endswith("+1 → no sanction")
    assert "“Remove only” takes the comment down without a strike." in page
    decided = window.post(case.page, {"revision": "1", "action": "remove", "rule": "threat"})
    following = window.get(decided.location).text
    confirmation = " ".join(re.sub("<[^>]+>", " ", following.split('role="status">')[1].split("</div>")[0]).split())
    assert re.match(r"Removed: Rowdy Author \. No threats: suspended until \d.* \w+\. Undo$", confirmation)
    # the author had written what is next before they were told of this one
    choices = _choices(following)
    assert choices["threat"].endswith("→ one with an earlier strike, adds nothing")
    assert choices["topic"].endswith("→ one with an earlier strike, adds nothing")


def test_removed_only_it_says_that_nothing_else_follows(case: Case, browser: Open) -> None:
    window = browser(case.moderator)
    decided = window.post(case.page, {"revision": "1", "action": "remove_only", "rule": "threat"})
    following = window.get(decided.location).text
    assert "Removed without a strike" in following
    assert "No threats: no sanction." in following
    assert _choices(following)["threat"].endswith("+6 → suspends for 7 days")
