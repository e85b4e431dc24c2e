"""POST /account/name/exception, and what the account page says of the check of one's name"""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.models import Account, Item, PaymentCase
from app.models.account import EXCEPTION, MATCH, MISMATCH
from app.models.payment_case import DISMISSED, NAME_MISMATCH
from app.models.sanction import SUSPENSION
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import OpenBrowser

PATH = "/account/name/exception"
BUTTON = f'action="{PATH}"'


@pytest.fixture
def house(house: HouseRules) -> HouseRules:
    return HouseRules(house.at({"payments": {"names": "required"}}))


@pytest.fixture
def gull(database: Database) -> Account:
    with database.transaction() as session:
        factories.site(session)
        reader = factories.subscriber(session, "Harbour Gull")
        reader.name_check = MISMATCH
        return reader


def becomes(database: Database, account: Account, name_check: str | None) -> None:
    with database.transaction() as session:
        session.get_one(Account, account.id).name_check = name_check


def test_nobody_asks_for_somebody_else(client: FlaskClient, gull: Account, browser: OpenBrowser) -> None:
    assert browser(None).post(PATH).status_code == 401
    forged = browser(gull).client.post(PATH, data={})
    assert (forged.status_code, forged.get_json()["code"]) == (403, "csrf")


def test_who_is_suspended_or_unverified_does_not_ask(database: Database, gull: Account, browser: OpenBrowser) -> None:
    with database.transaction() as session:
        factories.sanction(session, gull, SUSPENSION, at=factories.site(session))
        unverified = factories.account(session, verified=False)
    assert browser(gull).post(PATH).status_code == 403
    assert browser(unverified).post(PATH).status_code == 403


def test_a_reader_asks_once_for_a_name_and_reads_that_they_have(
    database: Database, gull: Account, browser: OpenBrowser
) -> None:
    reader = browser(gull)
    assert BUTTON in reader.get("/account").text
    answer = reader.post(PATH)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account#name")
    page = reader.get("/account").text
    assert "A moderator will decide." in page
    assert BUTTON not in page
    reader.post(PATH)
    assert "You have asked for this name already." in reader.get("/account").text
    with database.reading() as session:
        assert session.scalars(select(Item.kind)).all() == ["payment"]
        assert session.scalars(select(PaymentCase.kind)).all() == [NAME_MISMATCH]


def test_they_read_what_became_of_it(database: Database, gull: Account, browser: OpenBrowser) -> None:
    browser(gull).post(PATH)
    with database.transaction() as session:
        session.scalars(select(PaymentCase)).one().outcome = DISMISSED
    page = browser(gull).get("/account").text
    assert "a moderator has decided against it" in page
    assert BUTTON not in page


@pytest.mark.parametrize(
    ("name_check", "said", "asks"),
    [
        (None, "Your name has not been compared", True),
        (MISMATCH, "Your name is not the one you pay under.", True),
        (MATCH, "Your name agrees with the one you pay under.", False),
        (EXCEPTION, "A moderator has allowed your name", False),
    ],
)
def test_the_account_page_says_what_the_check_came_to(
    database: Database, gull: Account, browser: OpenBrowser, name_check: str | None, said: str, asks: bool
) -> None:
    becomes(database, gull, name_check)
    page = browser(gull).get("/account").text
    assert said in page
    assert (BUTTON in page) == asks


@pytest.mark.parametrize(
    ("name_check", "said"),
    [(MISMATCH, "Change it, or ask for an exception."), (None, "We have not compared yours yet")],
)
def test_whoever_may_not_write_for_it_is_led_to_their_name_wherever_they_are(
    database: Database, gull: Account, browser: OpenBrowser, name_check: str | None, said: str
) -> None:
    becomes(database, gull, name_check)
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
    for path in (f"/stories/{story.id}", "/subscription"):
        page = browser(gull).get(path).text
        assert said in page
        assert 'href="/account#name"' in page


class TestWhereNamesAreFree:
    @pytest.fixture
    def house(self, house: HouseRules) -> HouseRules:
        return HouseRules(house.at({"payments": {"names": "free"}}))

    def test_nothing_is_said_and_nothing_asked(self, database: Database, gull: Account, browser: OpenBrowser) -> None:
        assert BUTTON not in browser(gull).get("/account").text
        browser(gull).post(PATH)
        with database.reading() as session:
            assert session.scalars(select(Item)).all() == []
