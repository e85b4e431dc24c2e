"""What one wants letters about, and how they end by one click."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models import Account
from app.notifications import choices, unsubscribing
from app.notifications.choices import USUAL
from config.settings import Settings
from tests.support import factories
from tests.support.callers import Headers, OpenBrowser

Bearer = Callable[[Account], Headers]
PATH = "/api/v1/me/letters"
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def ada(database: Database) -> Account:
    with database.transaction() as session:
        factories.site(session)
        return factories.account(session, "Ada")


def chosen(database: Database, account: Account) -> dict[str, str]:
    with database.reading() as session:
        return choices.of(session, account.id)


def test_letters_come_as_they_are_chosen(client: FlaskClient, bearer: Bearer, ada: Account) -> None:
    assert client.get(PATH, headers=bearer(ada)).get_json() == {"letters": USUAL, "refused": False}
    answer = client.put(PATH, json={"letters": {"reply": "daily", "follow": "never"}}, headers=bearer(ada))
    assert answer.get_json()["letters"] == USUAL | {"reply": "daily", "follow": "never"}
    answer = client.put(PATH, json={"letters": {"reply": "at_once"}}, headers=bearer(ada))
    assert answer.get_json()["letters"] == USUAL | {"follow": "never"}


WRONG: tuple[object, ...] = (
    {"reply": "hourly"},
    {"decision": "never"},
    {"": "never"},
    {"reply": 1},
    [],
    None,
    {"reply": "daily", "x": "daily"},
)


@pytest.mark.parametrize("letters", WRONG)
def test_what_cannot_be_chosen_changes_nothing(
    client: FlaskClient, bearer: Bearer, database: Database, ada: Account, letters: object
) -> None:
    assert client.put(PATH, json={"letters": letters}, headers=bearer(ada)).status_code == 422
    assert chosen(database, ada) == USUAL


def test_the_page_shows_and_keeps_them(browser: OpenBrowser, database: Database, ada: Account) -> None:
    opened = browser(ada)
    page = opened.get("/account/letters").get_data(as_text=True)
    assert '<option value="daily" selected>once a day</option>' in page
    assert opened.post("/account/letters", USUAL | {"mention": "never"}).status_code == 303
    assert chosen(database, ada) == USUAL | {"mention": "never"}
    assert opened.post("/account/letters", {"reply": "x"}).status_code == 422
    assert browser(None).get("/account/letters").status_code in (302, 303, 401)


def test_a_link_shows_what_it_ends_and_ends_it_by_a_button(
    browser: OpenBrowser, database: Database, settings: Settings, ada: Account
) -> None:
    path = unsubscribing.link(settings, ada.id, ["reply", "follow"]).removeprefix(settings.public_url)
    opened = browser(None)  # whoever has the letter need not be signed in
    page = opened.get(path).get_data(as_text=True)
    assert "somebody answers you" in page
    assert "an editor picks" not in page
    assert chosen(database, ada) == USUAL


def test_a_mail_program_ends_letters_by_one_click(
    client: FlaskClient, database: Database, settings: Settings, ada: Account
) -> None:
    path = unsubscribing.link(settings, ada.id, ["reply", "follow"]).removeprefix(settings.public_url)
    for _ in range(2):
        answer = client.post(path, data={"List-Unsubscribe": "One-Click"})  # no cookie, no token of a form
        assert answer.status_code == 200
    assert chosen(database, ada) == USUAL | {"reply": "never", "follow": "never"}


@pytest.mark.parametrize("token", ["", "x", "WyIxIixbInJlcGx5Il1d.x", "%00", "a" * 5000])
def test_a_link_that_is_not_ours_ends_nothing(client: FlaskClient, token: str) -> None:
    for method in (client.get, client.post):
        assert method(f"/unsubscribe?token={token}").status_code == 422


def test_a_link_of_an_account_that_is_gone_says_so_much(client: FlaskClient, settings: Settings, ada: Account) -> None:
    path = unsubscribing.link(settings, 77, ["reply"]).removeprefix(settings.public_url)
    assert client.post(path).status_code == 200
