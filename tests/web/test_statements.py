"""Statements of reasons and appeals: GET /api/v1/me/statements, /api/v1/statements/<id>, POST .../appeal, and pages."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.models import Account, Item
from app.models.role import MODERATOR
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.callers import Browser, Headers

Bearer = Callable[[Account], Headers]
Open = Callable[[Account | None], Browser]


@dataclass
class Scene:
    """A banned author with a statement, who banned them, and somebody else who may answer an appeal."""

    author: Account
    moderator: Account
    second: Account
    elsewhere: Account
    statement_id: int

    @property
    def api(self) -> str:
        return f"/api/v1/statements/{self.statement_id}"

    @property
    def page(self) -> str:
        return f"/statements/{self.statement_id}"


@pytest.fixture
def scene(database: Database, settings: Settings, house: HouseRules) -> Scene:
    with database.transaction() as session:
        desk = moderating.open_desk(session, settings, house)
        item = moderating.ask(session, house, desk.comment())
        decision = desk.decide(item, "ban", "threat", "You threatened “somebody” <here>.")
        assert decision.statement_id
        return Scene(
            author=desk.author,
            moderator=session.get_one(Account, desk.moderator.account_id),
            second=factories.staff(session, MODERATOR),
            elsewhere=factories.staff(session, MODERATOR, at=factories.site(session)),
            statement_id=decision.statement_id,
        )


def _appeal_item(database: Database) -> Item:
    with database.reading() as session:
        (item,) = moderating.rows(session, Item, kind="appeal")
        return item


def test_the_anonymous_are_asked_to_sign_in(client: FlaskClient, scene: Scene) -> None:
    for path in ("/api/v1/me/statements", scene.api, "/statements", scene.page):
        assert client.get(path).status_code == 401, path
    assert client.post(f"{scene.api}/appeal", json={"text": "No."}).status_code == 401


def test_another_reader_and_the_staff_of_another_site_find_nothing(
    client: FlaskClient, bearer: Bearer, scene: Scene, database: Database
) -> None:
    with database.transaction() as session:
        reader = factories.subscriber(session)
    for somebody in (reader, scene.elsewhere):
        assert client.get(scene.api, headers=bearer(somebody)).status_code == 404
        assert client.post(f"{scene.api}/appeal", json={"text": "No."}, headers=bearer(somebody)).status_code == 404
    assert client.get("/api/v1/me/statements", headers=bearer(reader)).get_json() == []


def test_a_moderator_reads_but_cannot_appeal_for_the_author(client: FlaskClient, bearer: Bearer, scene: Scene) -> None:
    assert client.get(scene.api, headers=bearer(scene.moderator)).status_code == 200
    answer = client.post(f"{scene.api}/appeal", json={"text": "No."}, headers=bearer(scene.moderator))
    assert answer.status_code == 404


def test_a_banned_author_reads_their_statement(client: FlaskClient, bearer: Bearer, scene: Scene) -> None:
    (listed,) = client.get("/api/v1/me/statements", headers=bearer(scene.author)).get_json()
    statement = client.get(scene.api, headers=bearer(scene.author)).get_json()
    assert statement == listed
    assert statement["restrictions"] == ["visibility_removed", "account_terminated"]
    assert (statement["rule"], statement["category"]) == ("threat", "STATEMENT_CATEGORY_VIOLENCE")
    assert (statement["undone"], statement["appeal"]) == (False, None)


def test_an_appeal_is_filed_once_and_answered_by_somebody_else(
    client: FlaskClient, bearer: Bearer, scene: Scene, database: Database
) -> None:
    path = f"{scene.api}/appeal"
    assert client.post(path, json={"text": " "}, headers=bearer(scene.author)).status_code == 422
    assert client.post(path, json={"text": "I quoted."}, headers=bearer(scene.author)).status_code == 201
    again = client.post(path, json={"text": "I quoted."}, headers=bearer(scene.author))
    assert (again.status_code, again.get_json()["code"]) == (409, "already_appealed")

    item = _appeal_item(database)
    answer = {"action": "overturn", "revision": item.revision, "reason": "It was a quotation."}
    decisions = f"/api/v1/items/{item.id}/decisions"
    refused = client.post(decisions, json=answer, headers=bearer(scene.moderator))
    assert (refused.status_code, refused.get_json()["code"]) == (403, "same_moderator")
    assert client.post(decisions, json=answer, headers=bearer(scene.second)).status_code == 201

    statement = client.get(scene.api, headers=bearer(scene.author)).get_json()
    assert statement["undone"]
    assert (statement["appeal"]["overturned"], statement["appeal"]["reply"]) == (True, "It was a quotation.")


def test_the_pages_say_the_same_and_name_no_moderator(browser: Open, scene: Scene, database: Database) -> None:
    reader = browser(scene.author)
    assert scene.page in reader.get("/statements").text
    page = reader.get(scene.page)
    assert "You threatened “somebody” &lt;here&gt;." in page.text
    assert "A thought about this story." in page.text
    assert scene.moderator.name not in page.text
    sent = reader.post(f"{scene.page}/appeal", {"text": "It was a quotation."})
    assert (sent.status_code, sent.location) == (303, scene.page)
    after = reader.get(scene.page).text
    assert "It was a quotation." in after
    assert f'action="{scene.page}/appeal"' not in after
    assert _appeal_item(database).account_id == scene.author.id
