"""POST /api/v1/items/<id>/decisions, /api/v1/decisions/<id>/undo and /api/v1/accounts/<id>/lift."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from app.db import Database
from app.models import Account, Comment, Item
from app.models.comment import PUBLISHED, REMOVED
from app.models.role import MODERATOR
from app.models.sanction import BAN
from config.policy import HouseRules
from tests.support import factories, moderating
from tests.support.callers import Headers

Bearer = Callable[[Account], Headers]


@dataclass
class Scene:
    """A reported comment, its author, and who might decide about it."""

    moderator: Account
    author: Account
    comment: Comment
    item: Item
    others: dict[str, Account]

    @property
    def decisions(self) -> str:
        return f"/api/v1/items/{self.item.id}/decisions"

    def body(self, action: str = "remove", **more: Any) -> dict[str, Any]:
        return {"action": action, "revision": self.item.revision, "rule": "topic", "reason": "Off topic.", **more}


@pytest.fixture
def scene(database: Database, house: HouseRules) -> Scene:
    with database.transaction() as session:
        site = factories.site(session)
        author = factories.subscriber(session)
        comment = factories.comment(session, factories.story(session, site), author)
        item = moderating.report(session, house, comment, factories.account(session))
        banned = factories.account(session)
        factories.sanction(session, banned, BAN, at=site)
        others = {
            "a reader": factories.account(session),
            "a subscriber": factories.subscriber(session),
            "the author": author,
            "a banned reader": banned,
            "a moderator of another site": factories.staff(session, MODERATOR, at=factories.site(session)),
        }
        return Scene(factories.staff(session, MODERATOR), author, comment, item, others)


def _state(database: Database, comment: Comment) -> str:
    with database.reading() as session:
        return session.get_one(Comment, comment.id).state


def _decide(client: FlaskClient, bearer: Bearer, scene: Scene, action: str = "remove") -> dict[str, Any]:
    answer = client.post(scene.decisions, json=scene.body(action), headers=bearer(scene.moderator))
    assert answer.status_code == 201, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def test_for_everyone_but_its_moderators_there_is_nothing(
    client: FlaskClient, bearer: Bearer, scene: Scene, database: Database
) -> None:
    requests = {scene.decisions: scene.body(), f"/api/v1/accounts/{scene.author.id}/lift": {"reason": "Mercy."}}
    for path, body in requests.items():
        assert client.post(path, json=body).status_code == 404
        for who, account in scene.others.items():
            assert client.post(path, json=body, headers=bearer(account)).status_code in (404, 409), who
    assert _state(database, scene.comment) == PUBLISHED


def test_nobody_else_undoes_a_decision(client: FlaskClient, bearer: Bearer, scene: Scene, database: Database) -> None:
    path = f"/api/v1/decisions/{_decide(client, bearer, scene)['id']}/undo"
    assert client.post(path, json={"reason": "Oops."}).status_code == 404
    for who, account in scene.others.items():
        assert client.post(path, json={"reason": "Oops."}, headers=bearer(account)).status_code == 404, who
    assert _state(database, scene.comment) == REMOVED


def test_a_moderator_decides(client: FlaskClient, bearer: Bearer, scene: Scene, database: Database) -> None:
    decision = _decide(client, bearer, scene)
    assert decision["action"] == "remove"
    assert decision["subject_id"] == str(scene.comment.id)
    assert decision["statement_id"]
    assert _state(database, scene.comment) == REMOVED


def test_a_second_decision_is_stale_and_says_where_the_item_stands(
    client: FlaskClient, bearer: Bearer, scene: Scene
) -> None:
    _decide(client, bearer, scene)
    answer = client.post(scene.decisions, json=scene.body("approve"), headers=bearer(scene.moderator))
    assert answer.status_code == 409
    assert (
        answer.get_json() | {"code": "stale", "state": "closed", "revision": scene.item.revision} == answer.get_json()
    )


def test_an_undo_restores_and_cannot_be_repeated(
    client: FlaskClient, bearer: Bearer, scene: Scene, database: Database
) -> None:
    decision = _decide(client, bearer, scene)
    path = f"/api/v1/decisions/{decision['id']}/undo"
    assert client.post(path, json={"reason": ""}, headers=bearer(scene.moderator)).status_code == 422
    answer = client.post(path, json={"reason": "A mistake."}, headers=bearer(scene.moderator))
    assert (answer.status_code, answer.get_json()["undoes_id"]) == (201, decision["id"])
    assert _state(database, scene.comment) == PUBLISHED
    again = client.post(path, json={"reason": "A mistake."}, headers=bearer(scene.moderator))
    assert (again.status_code, again.get_json()["code"]) == (409, "already_undone")


def test_a_ban_ends_the_authors_token_and_a_lift_gives_the_right_back(
    client: FlaskClient, bearer: Bearer, scene: Scene, database: Database
) -> None:
    old = bearer(scene.author)
    _decide(client, bearer, scene, "ban")
    assert client.get("/api/v1/me/statements", headers=old).status_code == 401
    path = f"/api/v1/accounts/{scene.author.id}/lift"
    assert client.post(path, json={"reason": "Mercy."}, headers=bearer(scene.moderator)).status_code == 201
    again = client.post(path, json={"reason": "Mercy."}, headers=bearer(scene.moderator))
    assert (again.status_code, again.get_json()["code"]) == (409, "nothing_to_lift")


@hypothesis(max_examples=40)
@given(
    st.dictionaries(
        st.sampled_from(["action", "revision", "rule", "reason", "days", "more"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=2),
    )
)
def test_whatever_else_is_sent_is_malformed_or_stale(
    client: FlaskClient, bearer: Bearer, scene: Scene, body: dict[str, Any]
) -> None:
    answer = client.post(scene.decisions, json=body, headers=bearer(scene.moderator))
    assert answer.status_code in (409, 422), answer.get_json()
