"""Six moderators decide one item at the same moment: one wins, five are told that they came too late."""

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask

from app.accounts.identity import Identity
from app.db import Database
from app.models import Account, Comment, Decision, Item, LedgerEntry, Report, Sanction, Statement, Story, Strike
from app.models.comment import PUBLISHED, REMOVED
from app.models.role import MODERATOR
from app.sign_in import bearer_tokens
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.moderating import rows
from tests.support.together import at_once

TIMES = 6
Call = Callable[[Account, str, dict[str, object]], int]


@pytest.fixture
def call(app: Flask, settings: Settings) -> Call:
    def post(account: Account, path: str, body: dict[str, object]) -> int:
        token = bearer_tokens.issue(settings, Identity(account.id, epoch=account.session_epoch))
        return app.test_client().post(path, json=body, headers={"Authorization": f"Bearer {token}"}).status_code

    return post


def reported(database: Database, house: HouseRules) -> tuple[Comment, Item, list[Account]]:
    """A comment that three readers reported, its item, and six moderators."""
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        comment = factories.comment(session, story, factories.subscriber(session))
        for _ in range(3):
            item = moderating.report(session, house, comment, factories.account(session))
        return comment, item, [factories.staff(session, MODERATOR) for _ in range(TIMES)]


def test_one_decides_and_five_are_stale(database: Database, house: HouseRules, call: Call) -> None:
    comment, item, moderators = reported(database, house)
    path = f"/api/v1/items/{item.id}/decisions"
    body: dict[str, object] = {"revision": item.revision, "rule": "topic", "reason": "Off topic."}
    actions = ["remove", "warn", "approve", "remove", "warn", "approve"]
    acts = [partial(call, m, path, body | {"action": a}) for m, a in zip(moderators, actions, strict=True)]
    assert sorted(at_once(lambda number: acts[number](), TIMES)) == [201] + [409] * (TIMES - 1)
    with database.reading() as session:
        (decision,) = rows(session, Decision)
        removed = decision.action != "approve"
        found = session.get_one(Comment, comment.id)
        assert found.state == (REMOVED if removed else PUBLISHED)
        assert session.get_one(Story, comment.story_id).comment_count == (0 if removed else 1)
        assert [report.outcome for report in rows(session, Report)] == ["upheld" if removed else "dismissed"] * 3
        assert len(rows(session, Strike)) == len(rows(session, Statement)) == removed
        assert len(rows(session, Sanction)) == (decision.action == "warn")
        assert len(rows(session, LedgerEntry)) == 1


def test_one_decision_is_undone_once(database: Database, house: HouseRules, call: Call) -> None:
    comment, item, moderators = reported(database, house)
    body: dict[str, object] = {"action": "ban", "revision": item.revision, "rule": "topic", "reason": "Off topic."}
    assert call(moderators[0], f"/api/v1/items/{item.id}/decisions", body) == 201
    with database.reading() as session:
        (decision,) = rows(session, Decision)
    path = f"/api/v1/decisions/{decision.id}/undo"
    acts = [partial(call, moderator, path, {"reason": "A mistake."}) for moderator in moderators]
    assert sorted(at_once(lambda number: acts[number](), TIMES)) == [201] + [409] * (TIMES - 1)
    with database.reading() as session:
        assert session.get_one(Comment, comment.id).state == PUBLISHED
        assert session.get_one(Story, comment.story_id).comment_count == 1
        assert len(rows(session, Decision)) == 2
        assert all(sanction.lifted_at for sanction in rows(session, Sanction))
        assert {report.outcome for report in rows(session, Report)} == {"waiting"}
        assert len(rows(session, Item, state="open")) == 1
