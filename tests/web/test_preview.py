"""POST /api/v1/preview."""

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models import Account, Site
from tests.support import factories
from tests.support.callers import Bearer

PATH = "/api/v1/preview"


@pytest.fixture
def reader(database: Database, site: Site) -> Account:
    with database.transaction() as session:
        return factories.account(session)


def test_a_text_is_shown_as_it_would_stand(client: FlaskClient, bearer: Bearer, reader: Account) -> None:
    found = client.post(PATH, json={"text": "  a *b*\r\n"}, headers=bearer(reader)).get_json()
    assert found["html"] == "<p>a <em>b</em></p>"
    assert found["tree"] == [{"kind": "paragraph", "content": ["a ", {"kind": "em", "content": ["b"]}]}]


@pytest.mark.parametrize(("text", "code"), [("", "empty"), ("x" * 6000, "too_long"), ("\u200b", "empty")])
def test_what_could_not_be_posted_cannot_be_shown(
    client: FlaskClient, bearer: Bearer, reader: Account, text: str, code: str
) -> None:
    answer = client.post(PATH, json={"text": text}, headers=bearer(reader))
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)


def test_it_takes_an_account(client: FlaskClient, site: Site) -> None:
    assert client.post(PATH, json={"text": "a"}).status_code == 401
