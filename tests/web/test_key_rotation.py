"""BTL_SECRET_KEY is exchanged: what the old key signed is good while it is listed, and not a moment longer."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.db import Database
from app.models import Account
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.applications import application
from tests.support.assembled import assembled
from tests.support.callers import Browser, bearer_of
from tests.support.factories import PASSWORD

OLD, NEW = "the key of last year that is long enough", "the key of this year that is long enough"
ONLY_SIGNED_IN = "/api/v1/me/data"
Open = Callable[[str], Browser]


@pytest.fixture
def open_at(settings: Settings, house: HouseRules, database: Database) -> Open:
    """A new browser at the installation as it is after a start with this BTL_SECRET_KEY."""

    def opened(key: str) -> Browser:
        started = replace(settings, secret_key=key)
        return Browser(application(assembled(started, house, database), "rotation").test_client())

    return opened


@pytest.fixture
def ada(database: Database) -> Account:
    with database.transaction() as session:
        return factories.subscriber(session)


@pytest.mark.parametrize(
    ("then", "now", "status"), [(OLD, f"{NEW}, {OLD}", 200), (OLD, NEW, 401), (NEW, f"{NEW},{OLD}", 200)]
)
def test_a_session_lives_on_while_its_key_is_listed(
    open_at: Open, ada: Account, then: str, now: str, status: int
) -> None:
    before = open_at(then)
    before.sign_in(ada)
    cookie = before.client.get_cookie("btl")
    assert cookie is not None
    after = open_at(now)
    after.client.set_cookie("btl", cookie.value)
    assert after.get("/account").status_code == status


@pytest.mark.parametrize(("then", "now", "status"), [(OLD, f"{NEW},{OLD}", 200), (OLD, NEW, 401)])
def test_so_does_a_token(open_at: Open, settings: Settings, ada: Account, then: str, now: str, status: int) -> None:
    headers = bearer_of(replace(settings, secret_key=then), ada)
    assert open_at(now).client.get(ONLY_SIGNED_IN, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("then", "now", "status"), [(OLD, f"{NEW},{OLD}", 303), (OLD, NEW, 403), (f"{NEW},{OLD}", NEW, 303)]
)
def test_so_does_a_form_that_was_open(open_at: Open, database: Database, then: str, now: str, status: int) -> None:
    with database.transaction() as session:
        factories.account(session, email="ada@example.org", password=PASSWORD)
    before = open_at(then)
    form = before.get("/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
    cookie = before.client.get_cookie("btl")
    assert cookie is not None
    after = open_at(now)
    after.client.set_cookie("btl", cookie.value)
    sent = {"email": "ada@example.org", "password": PASSWORD, "csrf_token": form}
    assert after.client.post("/sign-in", data=sent).status_code == status


def test_what_is_signed_now_is_signed_with_the_first_key(open_at: Open, settings: Settings, ada: Account) -> None:
    during = open_at(f"{NEW},{OLD}")
    during.sign_in(ada)
    cookie = during.client.get_cookie("btl")
    assert cookie is not None
    after = open_at(NEW)
    after.client.set_cookie("btl", cookie.value)
    assert after.get("/account").status_code == 200
    headers = bearer_of(replace(settings, secret_key=f"{NEW},{OLD}"), ada)
    assert after.client.get(ONLY_SIGNED_IN, headers=headers).status_code == 200
