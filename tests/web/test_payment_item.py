"""The page and the JSON of an item about a possible return: who, whose, what matched; and one key decides."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models import Account, Decision, Item, PaymentCase
from app.models.role import MODERATOR
from app.models.sanction import BAN
from config.policy import HouseRules
from tests.support import factories, moderating
from tests.support.callers import Browser, Headers
from tests.support.sight import seen

Bearer = Callable[[Account], Headers]
Open = Callable[[Account | None], Browser]


@dataclass
class Case:
    account: Account
    banned: Account
    moderator: Account
    found: PaymentCase
    item: Item


@pytest.fixture
def case(database: Database, house: HouseRules) -> Case:
    with database.transaction() as session:
        site = factories.site(session)
        banned, account = factories.account(session, "Loud Voice"), factories.subscriber(session, "Fresh Start")
        ban = factories.sanction(session, banned, BAN, at=site)
        found = factories.possible_return(session, house, account, ban, at=site)
        (item,) = moderating.rows(session, Item, subject_id=found.id)
        return Case(account, banned, factories.staff(session, MODERATOR, at=site), found, item)


def test_a_reader_finds_no_such_item(case: Case, browser: Open) -> None:
    assert browser(case.account).get(f"/queue/{case.item.id}").status_code in (403, 404)


def test_the_queue_says_whose_payment_it_is_about(case: Case, browser: Open) -> None:
    line = " ".join(seen(browser(case.moderator).get("/queue?kind=payment").text))
    assert "Possible return of a banned reader: Fresh Start" in line


def test_the_page_says_what_matched_and_shows_both_records(case: Case, browser: Open) -> None:
    page = browser(case.moderator).get(f"/queue/{case.item.id}").text
    said = " ".join(seen(page))
    assert "the same card" in said
    assert "The reader cannot write until you decide." in said
    assert page.count(f'href="/readers/{case.banned.id}"') >= 2
    assert f'href="/readers/{case.account.id}"' in page
    for key, action in (("c", "confirm"), ("a", "allow")):
        assert f'value="{action}" accesskey="{key}"' in page


@pytest.mark.parametrize(("action", "rule", "said"), [("confirm", "honesty", "withdrawn"), ("allow", None, "")])
def test_one_key_decides(
    case: Case, browser: Open, database: Database, action: str, rule: str | None, said: str
) -> None:
    open_page = browser(case.moderator)
    form = {"revision": str(case.item.revision), "action": action, "rule": "honesty"}
    assert open_page.post(f"/queue/{case.item.id}", form).status_code == 303
    with database.reading() as session:
        (decision,) = moderating.rows(session, Decision, item_id=case.item.id)
    assert (decision.action, decision.rule) == (action, rule)
    assert said in decision.reason


def test_programs_read_what_was_found(case: Case, client: FlaskClient, bearer: Bearer) -> None:
    answer = client.get(f"/api/v1/items/{case.item.id}", headers=bearer(case.moderator)).get_json()
    found = answer["payment"]
    assert {name: found[name] for name in ("finding", "outcome", "matched", "holds")} == {
        "finding": "possible_return",
        "outcome": "open",
        "matched": "card",
        "holds": True,
    }
    assert found["other"]["id"] == str(case.banned.id)
    assert set(answer["consequences"]["honesty"]) == {"confirm", "allow"}
