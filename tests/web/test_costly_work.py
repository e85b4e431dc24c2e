"""What costs much (a score) is done for nobody who may not have it: the cheap questions come first, and come again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import clock
from app.db import Database
from app.models import Account, Comment, Subscription
from app.models.comment import HELD, REMOVED
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.toxicity import Guarded, Scores, Unavailable
from app.web.services import EXTENSION
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import OpenBrowser
from tests.support.posting import Bearer, Scene, open_scene
from tests.support.scorers import Marked

Change = Callable[[Session, Account], object]


@dataclass
class Watched(Marked):
    """Keeps what it is asked; `meanwhile` happens while it scores."""

    asked: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    name = "watched"

    def __post_init__(self) -> None:
        super().__init__()

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
        self.asked += texts
        self.meanwhile()
        return super().score(texts, deadline)


@dataclass
class Costs:
    """A reader with a comment of their own, who writes in every way there is, and what the scorer was asked."""

    scene: Scene
    scorer: Watched
    own: Comment
    others: Comment
    browser: OpenBrowser

    def send(self, what: str) -> TestResponse:
        """The reader's request of one kind."""
        client, headers, comments = self.scene.client, self.scene.bearer(self.scene.reader), self.scene.path
        ways: dict[str, Callable[[], TestResponse]] = {
            "post": lambda: client.post(comments, json={"text": "One more."}, headers=headers),
            "first post": lambda: client.post(comments, json=self._first(), headers=headers),
            "reply": lambda: client.post(comments, json={"text": "One.", "parent": self._others()}, headers=headers),
            "edit": lambda: client.patch(f"/api/v1/comments/{self.own.id}", json={"text": "Two."}, headers=headers),
            "rename": lambda: client.put("/api/v1/me/name", json={"name": "Somebody New"}, headers=headers),
            "post by form": lambda: self._form(f"/stories/{self.scene.story.id}/comments", text="One more."),
            "edit by form": lambda: self._form(f"/comments/{self.own.id}/edit", text="Two."),
        }
        return ways[what]()

    def change(self, how: Change) -> None:
        """Make something true of the reader."""
        with self.scene.database.transaction() as session:
            how(session, session.get_one(Account, self.scene.reader.id))

    def _first(self) -> dict[str, str]:
        return {"text": "One more.", "url": f"{self.scene.site.origins[0]}/new", "title": "A title"}

    def _others(self) -> str:
        return str(self.others.id)

    def _form(self, path: str, **fields: str) -> TestResponse:
        return self.browser(self.scene.reader).post(path, fields)


@pytest.fixture
def costs(client: FlaskClient, bearer: Bearer, database: Database, app: Flask, browser: OpenBrowser) -> Costs:
    scene, scorer = open_scene(client, bearer, database), Watched()
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], load_scorer=lambda: Guarded(scorer))
    with database.transaction() as session:
        own = factories.comment(session, scene.story, scene.reader)
        others = factories.comment(session, scene.story, factories.account(session))
    return Costs(scene, scorer, own, others, browser)


def sanctioned(kind: str) -> Change:
    return lambda session, reader: factories.sanction(session, reader, kind, at=factories.site(session))


def has(**values: Any) -> Change:
    def become(_session: Session, reader: Account) -> None:
        for name, value in values.items():
            setattr(reader, name, value)

    return become


def lapsed(session: Session, reader: Account) -> None:
    session.query(Subscription).filter_by(account_id=reader.id).update({"status": "canceled"})


IN_BAD_STANDING: dict[str, tuple[int, Change]] = {
    "banned": (403, sanctioned(BAN)),
    "suspended": (403, sanctioned(SUSPENSION)),
    "warned": (403, sanctioned(WARNING)),
    "unverified": (403, has(verified_at=None)),
}
NOT_WRITING: dict[str, tuple[int, Change]] = {
    "rules not accepted": (403, has(rules_version="2019-01")),
    "lapsed": (402, lapsed),
}
POSTS = ("post", "first post", "reply", "post by form")
EDITS = ("edit", "edit by form")
WRITES = (*POSTS, *EDITS)


@pytest.mark.parametrize(("status", "state"), IN_BAD_STANDING.values(), ids=IN_BAD_STANDING)
def test_nothing_is_scored_for_who_is_in_bad_standing(costs: Costs, status: int, state: Change) -> None:
    costs.change(state)
    assert [costs.send(what).status_code for what in (*WRITES, "rename")] == [status] * 7
    assert costs.scorer.asked == []


@pytest.mark.parametrize(("status", "state"), NOT_WRITING.values(), ids=NOT_WRITING)
def test_no_text_is_scored_for_who_may_not_write(costs: Costs, status: int, state: Change) -> None:
    costs.change(state)
    assert [costs.send(what).status_code for what in WRITES] == [status] * 6
    assert costs.scorer.asked == []


@pytest.mark.usefixtures("no_window_ends")
def test_no_text_is_scored_for_who_writes_too_fast(costs: Costs, house: HouseRules) -> None:
    for number in range(1, house.at({}).limits.posts_per_minute):
        assert costs.scene.post(f"Thought {number}").status_code == 201
    costs.scorer.asked.clear()
    answers = [costs.send(what) for what in POSTS]
    assert ([answer.status_code for answer in answers], costs.scorer.asked) == ([429] * 4, [])
    assert all(0 < int(answer.headers["Retry-After"]) <= 60 for answer in answers)


@pytest.mark.usefixtures("no_window_ends")
def test_no_text_is_scored_for_who_edits_too_fast(costs: Costs, house: HouseRules) -> None:
    path, headers = f"/api/v1/comments/{costs.own.id}", costs.scene.bearer(costs.scene.reader)
    for number in range(house.at({}).limits.posts_per_minute):
        answer = costs.scene.client.patch(path, json={"text": f"Thought {number}"}, headers=headers)
        assert answer.status_code == 200
    costs.scorer.asked.clear()
    assert [costs.send(what).status_code for what in EDITS] == [429, 429]
    assert costs.scorer.asked == []


@pytest.mark.parametrize(
    ("status", "values"),
    [
        (409, {"state": REMOVED}),
        (409, {"created_at": clock.now() - timedelta(days=1)}),
        (403, {"account_id": "others"}),
        (404, {"account_id": "others", "state": HELD}),
    ],
    ids=["taken down", "window over", "not one's own", "not one's own, and unseen"],
)
def test_no_text_is_scored_for_a_comment_that_cannot_be_edited(
    costs: Costs, status: int, values: dict[str, Any]
) -> None:
    with costs.scene.database.transaction() as session:
        own = session.get_one(Comment, costs.own.id)
        for name, value in values.items():
            setattr(own, name, costs.others.account_id if value == "others" else value)
    assert [costs.send(what).status_code for what in EDITS] == [status, status]
    assert costs.scorer.asked == []


def test_no_name_is_scored_for_who_may_not_change_it_yet(costs: Costs) -> None:
    costs.change(has(name_changed_at=clock.now()))
    assert (costs.send("rename").status_code, costs.scorer.asked) == (403, [])


@pytest.mark.parametrize("what", ["post", "first post", "reply", "edit", "rename"])
def test_who_is_banned_while_their_text_is_scored_is_refused_by_the_write(costs: Costs, what: str) -> None:
    costs.scorer.meanwhile = lambda: costs.change(sanctioned(BAN))
    assert costs.send(what).status_code == 403
    assert len(costs.scorer.asked) > 0
    assert costs.scene.count() == 2


@pytest.mark.parametrize("what", ["post", "edit"])
def test_who_stops_paying_while_their_text_is_scored_is_refused_by_the_write(costs: Costs, what: str) -> None:
    costs.scorer.meanwhile = lambda: costs.change(lapsed)
    assert costs.send(what).status_code == 402
    assert costs.scene.count() == 2


def test_everybody_else_is_scored(costs: Costs) -> None:
    assert costs.send("rename").status_code == 204
    assert costs.send("post").status_code == 201
    assert costs.send("edit by form").status_code == 303
    assert costs.scorer.asked == ["Somebody New", "One more.", "Two."]
