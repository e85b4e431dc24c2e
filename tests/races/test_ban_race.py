"""A ban and a write of its reader meet: whoever locks the account first goes first, and nothing gets in after it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import standing
from app.accounts.identity import Identity
from app.db import Database
from app.models import Account, Comment, Item, Site, Story
from app.moderation import decisions
from app.moderation.decisions import Intent
from app.sign_in import bearer_tokens
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.waiting import PATIENCE, HoldUp, waits

WRITES = ("post", "reply", "edit", "react", "report")
# a statement of each way to write a text that comes after the gate's checks, and before which the writer is held up
STATEMENTS = {
    "post": "INSERT INTO comments ",
    "reply": "UPDATE comments SET last_position",
    "edit": "UPDATE comments SET ",
}
BANNED = (403, "banned")


@dataclass
class Meeting:
    """A subscriber with two comments, one of them reported, and the moderator who is about to ban them for it."""

    app: Flask
    settings: Settings
    house: HouseRules
    database: Database
    site: Site
    story: Story
    author: Account
    comment: Comment
    others: Comment
    item: Item
    moderator: Identity
    pool: ThreadPoolExecutor

    def ban(self, session: Session) -> None:
        chosen = self.item.id, self.item.revision, "ban", "threat", "A threat."
        decisions.decide(session, self.house, self.moderator, Intent(*chosen))

    def ban_in_its_own_transaction(self) -> None:
        with self.database.transaction() as session:
            self.ban(session)

    def write(self, what: str, *, epoch: int = 0) -> tuple[int, str | None]:
        """The author's request, with a token of that epoch (0: from before the ban): its status and code."""
        comments = f"/api/v1/stories/{self.story.key}/comments?site={self.site.key}"
        paths: dict[str, tuple[str, str, dict[str, Any] | None]] = {
            "post": ("POST", comments, {"text": "One more."}),
            "reply": ("POST", comments, {"text": "One more.", "parent": str(self.others.id)}),
            "edit": ("PATCH", f"/api/v1/comments/{self.comment.id}", {"text": "It was not me."}),
            "react": ("PUT", f"/api/v1/comments/{self.others.id}/respect", None),
            "report": ("PUT", f"/api/v1/comments/{self.others.id}/report", {"rule": "respect"}),
        }
        method, path, body = paths[what]
        headers = {
            "Authorization": f"Bearer {bearer_tokens.issue(self.settings, Identity(self.author.id, epoch=epoch))}"
        }
        answer = self.app.test_client().open(path, method=method, json=body, headers=headers)
        return answer.status_code, (answer.get_json(silent=True) or {}).get("code")

    def written(self) -> list[tuple[str, int]]:
        with self.database.reading() as session:
            found = session.execute(select(Comment.text, Comment.revision).order_by(Comment.id))
            return [(text, revision) for text, revision in found]


@pytest.fixture
def meeting(app: Flask, settings: Settings, house: HouseRules, database: Database) -> Iterator[Meeting]:
    with database.transaction() as session:
        site = factories.site(session)
        story = factories.story(session, site)
        author = factories.subscriber(session)
        comment = factories.comment(session, story, author)
        others = factories.comment(session, story, factories.account(session))
        reported = factories.comment(session, story, author)
        item = moderating.report(session, house, reported, factories.account(session))
        moderator = moderating.moderator(session)
    with ThreadPoolExecutor(2) as pool:
        yield Meeting(app, settings, house, database, site, story, author, comment, others, item, moderator, pool)


class Regret(Exception):
    """Makes a transaction roll back."""


@pytest.mark.parametrize("what", STATEMENTS)
def test_a_ban_between_check_and_insert_waits_for_the_writer_and_then_holds(meeting: Meeting, what: str) -> None:
    hold_up = HoldUp(meeting.database, STATEMENTS[what])
    writing = meeting.pool.submit(meeting.write, what)
    try:
        assert hold_up.reached.wait(PATIENCE)
        banning = meeting.pool.submit(meeting.ban_in_its_own_transaction)
        assert waits(meeting.database, banning)
    finally:
        hold_up.let_go()
    assert writing.result(PATIENCE)[0] in (200, 201)
    banning.result(PATIENCE)
    written = meeting.written()
    with meeting.database.reading() as session:
        epoch = session.get_one(Account, meeting.author.id).session_epoch
        assert standing.read(session, meeting.author.id).kind == "ban"
        assert session.get_one(Story, meeting.story.id).comment_count == len(written) - 1
    assert [meeting.write(again, epoch=epoch) for again in WRITES] == [BANNED] * len(WRITES)
    assert meeting.written() == written


@pytest.mark.parametrize("what", WRITES)
def test_a_write_that_begins_before_the_ban_is_through_waits_and_is_refused(meeting: Meeting, what: str) -> None:
    before = meeting.written()
    with meeting.database.transaction() as session:
        meeting.ban(session)
        writing = meeting.pool.submit(meeting.write, what)
        assert waits(meeting.database, writing)
    assert writing.result(PATIENCE) == BANNED
    assert meeting.written() == before
    with meeting.database.reading() as session:
        assert session.get_one(Story, meeting.story.id).comment_count == 2


def test_a_ban_that_is_rolled_back_stops_nobody(meeting: Meeting) -> None:
    with suppress(Regret), meeting.database.transaction() as session:
        meeting.ban(session)
        writing = meeting.pool.submit(meeting.write, "post")
        assert waits(meeting.database, writing)
        raise Regret
    assert writing.result(PATIENCE) == (201, None)
