"""PUT /api/v1/accounts/<id>/report, and the same by form."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.models import Account, Item, Report
from app.models.sanction import BAN
from tests.support import factories
from tests.support.callers import Browser, Headers

Bearer = Callable[[Account], Headers]
BODY = {"rule": "honesty"}


@pytest.fixture
def bearer_of_name(database: Database) -> Account:
    with database.transaction() as session:
        factories.site(session)
        return factories.account(session, "Rude Name")


@pytest.fixture
def reader(database: Database) -> Account:
    with database.transaction() as session:
        return factories.account(session)


def _path(account: Account) -> str:
    return f"/api/v1/accounts/{account.id}/report"


def test_the_anonymous_are_asked_to_sign_in(client: FlaskClient, bearer_of_name: Account) -> None:
    assert client.put(_path(bearer_of_name), json=BODY).status_code == 401


def test_the_banned_may_not(
    client: FlaskClient, database: Database, bearer: Bearer, bearer_of_name: Account, reader: Account
) -> None:
    with database.transaction() as session:
        factories.sanction(session, reader, BAN, at=factories.site(session))
    answer = client.put(_path(bearer_of_name), json=BODY, headers=bearer(reader))
    assert answer.get_json()["code"] == "banned"


def test_a_name_is_reported_once(
    client: FlaskClient, database: Database, bearer: Bearer, bearer_of_name: Account, reader: Account
) -> None:
    for _ in range(2):
        assert client.put(_path(bearer_of_name), json=BODY, headers=bearer(reader)).status_code == 204
    with database.reading() as session:
        item, report = session.scalars(select(Item)).one(), session.scalars(select(Report)).one()
    assert (item.kind, item.subject_id, item.account_id, item.report_count) == (
        "account",
        bearer_of_name.id,
        bearer_of_name.id,
        1,
    )
    assert report.item_id == item.id


def test_nobody_reports_their_own(client: FlaskClient, bearer: Bearer, bearer_of_name: Account) -> None:
    answer = client.put(_path(bearer_of_name), json=BODY, headers=bearer(bearer_of_name))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "own_name")


def test_the_form_reports_too(
    database: Database, browser: Callable[[Account], Browser], bearer_of_name: Account, reader: Account
) -> None:
    window, path = browser(reader), f"/readers/{bearer_of_name.id}/report"
    assert "Rude Name" in window.get(path).text
    assert window.post(path, BODY).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Report.subject_id)).all() == [bearer_of_name.id]
