"""A ban lands while its reader writes: whoever locks the account first goes first, and nothing is written after it."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from app.accounts import standing
from app.db import Database
from app.models import Account, Comment, Site, Story
from app.models.sanction import BAN
from tests import factories
from tests.web.conftest import Headers, bearer

__all__ = ["bearer"]

MOMENT = 0.4
PATIENCE = 30
# the statement of each way of writing that comes after the gate's checks, and before which the writer is held up
WRITES = {"post": "INSERT INTO comments ", "reply": "UPDATE comments SET last_position", "edit": "UPDATE comments SET "}


@dataclass
class Scene:
    """A subscriber with a comment, who posts, replies and edits, and a moderator who bans them."""

    app: Flask
    database: Database
    headers: Headers
    site: Site
    story: Story
    author: Account
    comment: Comment

    def write(self, what: str) -> TestResponse:
        client = self.app.test_client()
        if what == "edit":
            return client.patch(f"/api/v1/comments/{self.comment.id}", json={"text": "Changed."}, headers=self.headers)
        body = {"text": "Another thought."} | ({"parent": str(self.comment.id)} if what == "reply" else {})
        path = f"/api/v1/stories/{self.story.key}/comments?site={self.site.key}"
        return client.post(path, json=body, headers=self.headers)

    def ban(self) -> None:
        with self.database.transaction() as session:
            factories.sanction(session, standing.lock(session, self.author.id), BAN, at=self.site)

    def texts(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(Comment.text).order_by(Comment.id)))


@pytest.fixture
def scene(app: Flask, database: Database, bearer: Callable[[Account], Headers]) -> Scene:
    with database.transaction() as session:
        site = factories.site(session)
        story, author = factories.story(session, site), factories.subscriber(session)
        comment = factories.comment(session, story, author, "A thought.")
    return Scene(app, database, bearer(author), site, story, author, comment)


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


class Regret(Exception):
    """Makes a transaction roll back."""


class HoldUp:
    """Stops the first thread that is about to execute a statement, until it is let go."""

    def __init__(self, database: Database, statement: str) -> None:
        self._statement = statement
        self._go = threading.Event()
        self.reached = threading.Event()
        event.listen(database.engine, "before_cursor_execute", self._wait)

    def let_go(self) -> None:
        self._go.set()

    def _wait(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(self._statement) and not self.reached.is_set():
            self.reached.set()
            assert self._go.wait(PATIENCE)


def still_waits(future: Future[Any]) -> bool:
    try:
        future.result(MOMENT)
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize("what", WRITES)
def test_a_ban_between_check_and_insert_waits_for_the_writer_and_then_holds(
    scene: Scene, threads: ThreadPoolExecutor, what: str
) -> None:
    hold_up = HoldUp(scene.database, WRITES[what])
    writing = threads.submit(scene.write, what)
    try:
        assert hold_up.reached.wait(PATIENCE)
        banning = threads.submit(scene.ban)
        assert still_waits(banning)
    finally:
        hold_up.let_go()
    assert writing.result(PATIENCE).status_code in (200, 201)
    banning.result(PATIENCE)
    written = scene.texts()
    for again in WRITES:
        answer = scene.write(again)
        assert (answer.status_code, answer.get_json()["code"]) == (403, "banned")
    assert scene.texts() == written


@pytest.mark.parametrize("what", WRITES)
def test_a_writer_who_meets_an_unfinished_ban_waits_and_is_refused(
    scene: Scene, threads: ThreadPoolExecutor, what: str
) -> None:
    with scene.database.transaction() as session:
        factories.sanction(session, standing.lock(session, scene.author.id), BAN, at=scene.site)
        writing = threads.submit(scene.write, what)
        assert still_waits(writing)
    answer = writing.result(PATIENCE)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "banned")
    assert scene.texts() == ["A thought."]


def test_a_ban_that_is_rolled_back_stops_nobody(scene: Scene, threads: ThreadPoolExecutor) -> None:
    with suppress(Regret), scene.database.transaction() as session:
        factories.sanction(session, standing.lock(session, scene.author.id), BAN, at=scene.site)
        writing = threads.submit(scene.write, "post")
        assert still_waits(writing)
        raise Regret
    assert writing.result(PATIENCE).status_code == 201
