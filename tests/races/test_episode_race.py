"""Moderators remove several comments of one author at the same moment: it is one episode, whoever comes first."""

from functools import partial

import pytest
from flask import Flask

from app import clock
from app.accounts import standing
from app.accounts.identity import Identity
from app.db import Database
from app.models import Decision, Sanction, Statement, Strike
from app.models.role import MODERATOR
from app.moderation.ladder import points_in_force
from app.sign_in import bearer_tokens
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.moderating import rows
from tests.support.together import at_once

TIMES = 4


@pytest.mark.parametrize("rules", [("threat",) * TIMES, ("topic", "respect", "hate", "threat")])
def test_four_removals_at_once_count_as_the_gravest(
    app: Flask, settings: Settings, database: Database, house: HouseRules, rules: tuple[str, ...]
) -> None:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        author = factories.subscriber(session)
        comments = [factories.comment(session, story, author) for _ in range(TIMES)]
        items = [moderating.ask(session, house, comment) for comment in comments]
        moderators = [factories.staff(session, MODERATOR) for _ in range(TIMES)]

    def remove(number: int) -> int:
        by = moderators[number]
        token = bearer_tokens.issue(settings, Identity(by.id, epoch=by.session_epoch))
        body = {"action": "remove", "revision": 1, "rule": rules[number], "reason": "It breaks it."}
        send = partial(app.test_client().post, headers={"Authorization": f"Bearer {token}"})
        return send(f"/api/v1/items/{items[number].id}/decisions", json=body).status_code

    assert at_once(remove, TIMES) == [201] * TIMES
    with database.reading() as session:
        strikes = rows(session, Strike)
        assert len(rows(session, Decision)) == len(strikes) == TIMES
        assert points_in_force(strikes, clock.now()) == 6
        assert standing.read(session, author.id).kind == "suspension"
        told = [each for each in rows(session, Statement) if "account_suspended" in each.restrictions]
        suspensions = rows(session, Sanction, kind="suspension")
        assert 1 <= len(told) <= len(suspensions)
        assert len({each.restrictions[-1] for each in told}) == 1
        assert not rows(session, Sanction, kind="ban")
