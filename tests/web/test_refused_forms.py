"""A form of several fields that is refused: everything at once, each at its field, and a summary that leads there."""

import re

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models import Account, Comment
from tests.support import factories
from tests.support.callers import OpenBrowser
from tests.support.factories import PASSWORD

BAD = {"email": "no address", "name": "Moderator", "password": "short", "rules_version": "1999-01"}
CODES = ["email_malformed", "name_reserved", "password_length", "rules_outdated"]


@pytest.fixture
def comment(database: Database) -> Comment:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        return factories.comment(session, story, factories.account(session))


@pytest.fixture
def ada(database: Database) -> Account:
    with database.transaction() as session:
        return factories.account(session, "Ada", email="ada@example.org", password=PASSWORD)


def refused_at(page: str) -> list[str]:
    """The fields to which the summary leads, each of which says itself what is wrong with it."""
    assert "<title>Error: " in page
    summary = page.partition('role="alert" tabindex="-1" autofocus')[2].partition("</div>")[0]
    found = re.findall(r'<a href="#([\w-]+)">', summary)
    for field in found:
        element = re.search(rf'<(?:input|textarea)[^>]* ?id="{field}"[^>]*>', page)
        assert element, field
        if not field.startswith("rule-"):
            assert 'aria-invalid="true"' in element[0]
            assert re.search(rf'aria-describedby="{field}-wrong\b', element[0])
            assert f'id="{field}-wrong"' in page
    return found


def test_a_sign_up_over_the_api_hears_of_everything_at_once(client: FlaskClient) -> None:
    answer = client.post("/api/v1/accounts", json=BAD)
    problem = answer.get_json()
    assert (answer.status_code, problem["code"], problem["field"]) == (422, "email_malformed", "email")
    assert [each["code"] for each in problem["errors"]] == CODES
    assert [each["field"] for each in problem["errors"]] == list(BAD)
    assert problem["errors"][0]["detail"] == problem["detail"]


def test_one_refusal_alone_is_told_as_ever(client: FlaskClient) -> None:
    answer = client.post(
        "/api/v1/accounts", json={**BAD, "email": "a@example.org", "name": "Ada", "password": PASSWORD}
    )
    assert "errors" not in answer.get_json()


def test_the_first_one_gives_the_status(client: FlaskClient, ada: Account) -> None:
    body = {"email": "new@example.org", "name": ada.name, "password": "short"}
    answer = client.post("/api/v1/accounts", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "name_taken")
    assert [each["code"] for each in answer.get_json()["errors"]] == ["name_taken", "password_length"]


@pytest.mark.usefixtures("ada")
def test_a_refused_sign_up_does_not_tell_whether_the_mailbox_is_known(client: FlaskClient) -> None:
    told = {
        (answer.status_code, answer.get_data())
        for email in ("ada@example.org", "new@example.org")
        for answer in [client.post("/api/v1/accounts", json={**BAD, "email": email})]
    }
    assert len(told) == 1


def test_the_page_to_sign_up_says_it_at_the_fields(browser: OpenBrowser) -> None:
    answer = browser(None).post("/sign-up", {**BAD, "rules_version": ""})
    assert answer.status_code == 422
    assert refused_at(answer.text) == list(BAD)
    assert "4 things are to be put right" in answer.text
    assert 'value="Moderator"' in answer.text


def test_a_refused_new_password_stays_on_its_page(browser: OpenBrowser, ada: Account) -> None:
    answer = browser(ada).post("/account/password", {"password": "not that one", "new_password": "short"})
    assert answer.status_code == 403
    assert refused_at(answer.text) == ["present-password", "new-password"]


def test_a_refused_erasure_says_both(browser: OpenBrowser, ada: Account) -> None:
    answer = browser(ada).post("/account/erase", {"password": "not that one"})
    assert refused_at(answer.text) == ["password", "sure"]


def test_a_refused_notice_keeps_what_was_written(browser: OpenBrowser, comment: Comment) -> None:
    form = {"name": "x" * 201, "email": "no <address>"}
    answer = browser(None).post(f"/comments/{comment.id}/notice", form)
    assert answer.status_code == 422
    assert refused_at(answer.text) == ["explanation", "name", "email", "good_faith"]
    assert 'value="no &lt;address&gt;"' in answer.text


def test_a_refused_report_keeps_what_was_written(browser: OpenBrowser, comment: Comment, ada: Account) -> None:
    for subject in (f"/comments/{comment.id}", f"/readers/{comment.account_id}"):
        answer = browser(ada).post(f"{subject}/report", {"note": "A <note>. " * 200})
        assert answer.status_code == 422
        assert refused_at(answer.text)[1:] == ["note"]
        assert "A &lt;note&gt;." in answer.text
        assert 'data-problem="unknown_rule"' in answer.text
