"""BTL_READ_ONLY: readers read, every page says why nothing else goes, and nothing is written."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.db import Database
from app.models import Account, Comment
from app.models.base import Model
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.applications import application
from tests.support.assembled import assembled
from tests.support.callers import Bearer, Browser
from tests.support.webhook import PATH, event, header

SAID = "while we work on them"


@pytest.fixture
def resting(settings: Settings, house: HouseRules, database: Database) -> Iterator[Flask]:
    """The application while an operator works on its database."""
    resting = Database(database.url, read_only=True)
    yield application(assembled(replace(settings, read_only=True), house, resting), "read only")
    resting.close()


@pytest.fixture
def ada(database: Database) -> Account:
    with database.transaction() as session:
        return factories.subscriber(session)


@pytest.fixture
def comment(database: Database, ada: Account) -> Comment:
    with database.transaction() as session:
        return factories.comment(session, factories.story(session, factories.site(session), key="harbour"), ada)


def test_readers_read_and_are_told_why_they_cannot_write(resting: Flask, ada: Account, comment: Comment) -> None:
    reader = Browser(resting.test_client())
    reader.sign_in(ada)
    for path in ("/", f"/stories/{comment.story_id}", "/rules", "/account"):
        answer = reader.get(path)
        assert (answer.status_code, SAID in answer.text) == (200, True), path
    page = reader.get(f"/stories/{comment.story_id}").text
    assert comment.text in page
    assert 'name="text"' not in page


@pytest.mark.usefixtures("comment")
def test_programs_are_told_too(resting: Flask, ada: Account, bearer: Bearer) -> None:
    told = resting.test_client().get("/api/v1/me", headers=bearer(ada)).get_json()
    assert (told["may_write"], told["code"]) == (False, "read_only")


def test_what_would_write_is_refused_and_a_typed_text_is_not_lost(
    resting: Flask, ada: Account, comment: Comment, bearer: Bearer
) -> None:
    program = resting.test_client()
    answer = program.post("/api/v1/stories/harbour/comments", json={"text": "A point."}, headers=bearer(ada))
    assert (answer.status_code, answer.get_json()["code"]) == (503, "read_only")
    reader = Browser(resting.test_client())
    reader.sign_in(ada)
    page = reader.post(f"/stories/{comment.story_id}/comments", {"text": "My careful words."})
    assert (page.status_code, "My careful words." in page.text, page.text.count(SAID)) == (503, True, 1)


def test_stripe_is_asked_to_send_again(resting: Flask, settings: Settings) -> None:
    body = json.dumps(event()).encode()
    signed = {"Stripe-Signature": header(body, settings.stripe_webhook_secrets[0])}
    assert resting.test_client().post(PATH, data=body, headers=signed).status_code == 503


def test_no_route_writes_or_breaks(resting: Flask, database: Database, ada: Account, comment: Comment) -> None:
    """Every route once, as an administrator whose role would let them do anything."""
    with database.transaction() as session:
        factories.give_role(session, ada, "administrator")
    before = rows(database)
    reader = Browser(resting.test_client())
    reader.sign_in(ada)
    token = {"csrf_token": reader.csrf()}
    for rule in resting.url_map.iter_rules():
        parts = {"story": "harbour" if rule.rule.startswith("/api/") else str(comment.story_id)}
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: parts.get(part[1], str(comment.id)), rule.rule)  # noqa: B023
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            answer = reader.client.open(path, method=method, data=token if method != "GET" else None)
            assert answer.status_code < 500 or answer.status_code == 503, (method, path, answer.text)
    assert rows(database) == before


def rows(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Model.metadata.sorted_tables
        }
