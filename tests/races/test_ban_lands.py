"""A ban and a write of the banned reader meet: one waits for the other, and nothing slips between check and insert."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from app.accounts import standing, tokens
from app.accounts.identity import Identity
from app.comments import gate
from app.db import Database
from app.models import Account, Comment, Item, Site, Story
from app.moderation import decisions
from app.stories import sites
from config.policy import Policy
from config.settings import Settings
from tests import factories, moderating

# long enough for a request that does not wait to be over
A_WHILE = 0.5


@dataclass
class Meeting:
    """A subscriber with a reported comment, and the moderator who is about to ban them for it."""

    app: Flask
    settings: Settings
    policy: Policy
    database: Database
    site: Site
    story: Story
    author: Account
    comment: Comment
    others: Comment
    item: Item
    moderator: Identity
    pool: ThreadPoolExecutor

    def ban(self, session: Any) -> None:
        chosen = self.item.id, self.item.revision, "ban", "threat", "A threat."
        decisions.decide(session, self.settings, self.policy, self.moderator, *chosen)

    def ban_in_its_own_transaction(self) -> None:
        with self.database.transaction() as session:
            self.ban(session)

    def request(self, method: str, path: str, body: dict[str, Any] | None) -> Callable[[], tuple[int, str | None]]:
        """The author's request, with a token from before the ban: its status and code."""
        token = tokens.issue(self.settings, Identity(self.author.id, epoch=self.author.session_epoch))

        def send() -> tuple[int, str | None]:
            headers = {"Authorization": f"Bearer {token}"}
            answer = self.app.test_client().open(path, method=method, json=body, headers=headers)
            return answer.status_code, (answer.get_json(silent=True) or {}).get("code")

        return send


@pytest.fixture
def meeting(app: Flask, settings: Settings, policy: Policy, database: Database) -> Iterator[Meeting]:
    with database.transaction() as session:
        site = factories.site(session)
        story = factories.story(session, site)
        author = factories.subscriber(session)
        comment = factories.comment(session, story, author)
        others = factories.comment(session, story, factories.account(session))
        item = moderating.report(session, policy, comment, factories.account(session))
        moderator = moderating.moderator(session)
    with ThreadPoolExecutor(1) as pool:
        yield Meeting(app, settings, policy, database, site, story, author, comment, others, item, moderator, pool)


def waits(future: Future[Any]) -> bool:
    try:
        future.result(A_WHILE)
    except TimeoutError:
        return True
    return False


def test_a_ban_waits_for_the_write_that_passed_the_gate_before_it(meeting: Meeting) -> None:
    snapshot = sites.by_id(meeting.database, meeting.site.id)
    with meeting.database.transaction() as session:
        writer = gate.pass_gate(session, meeting.author.id, "post", snapshot, meeting.policy)
        ban = meeting.pool.submit(meeting.ban_in_its_own_transaction)
        assert waits(ban)
        story = session.get_one(Story, meeting.story.id)
        written = factories.comment(session, story, writer.account)
    ban.result(10)
    with meeting.database.reading() as session:
        assert session.get_one(Comment, written.id).state == "published"
        assert standing.read(session, meeting.author.id).kind == "ban"
        assert session.get_one(Story, meeting.story.id).comment_count == 2


@pytest.mark.parametrize("what", ["post", "reply", "edit", "react", "report"])
def test_a_write_that_begins_before_the_ban_is_through_is_refused(meeting: Meeting, what: str) -> None:
    comments = f"/api/v1/stories/{meeting.story.key}/comments?site={meeting.site.key}"
    method, path, body = {
        "post": ("POST", comments, {"text": "One more."}),
        "reply": ("POST", comments, {"text": "One more.", "parent": str(meeting.others.id)}),
        "edit": ("PATCH", f"/api/v1/comments/{meeting.comment.id}", {"text": "It was not me."}),
        "react": ("PUT", f"/api/v1/comments/{meeting.others.id}/respect", None),
        "report": ("PUT", f"/api/v1/comments/{meeting.others.id}/report", {"rule": "respect"}),
    }[what]
    with meeting.database.transaction() as session:
        meeting.ban(session)
        answer = meeting.pool.submit(meeting.request(method, path, body))
        assert waits(answer)
    assert answer.result(10) == (403, "banned")
    with meeting.database.reading() as session:
        assert len(moderating.rows(session, Comment)) == 2
        assert session.get_one(Comment, meeting.comment.id).revision == 1
        assert session.get_one(Story, meeting.story.id).comment_count == 1
