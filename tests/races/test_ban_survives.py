"""A ban holds on every write path, whatever comes after it, until a moderator's recorded decision ends it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts import one_time_tokens
from app.accounts.identity import Identity
from app.billing.entitlement import Reason
from app.db import Database
from app.models import Account, Comment, Letter, Site, Story, Subscription
from app.models.one_time_token import RESET
from app.moderation import decisions, undo
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.paper import Paper, living_paper
from tests.support.stripe_world import eventually

ADDRESS = "dora.banned@gmail.com"
NEW_PASSWORD = "another password for the tests"


@dataclass
class Banned:
    """A subscriber who was banned for one of two comments, and what they might try."""

    paper: Paper
    client: FlaskClient
    account: Account
    comment: Comment
    others: Comment
    story: Story
    moderator: Identity
    ban_id: int
    password: str = factories.PASSWORD

    def signed_in(self) -> dict[str, str]:
        """The headers of a new log-in: who is banned may sign in to read why."""
        answer = self.client.post("/api/v1/tokens", json={"email": ADDRESS, "password": self.password})
        assert answer.status_code == 201, answer.get_json()
        return {"Authorization": f"Bearer {answer.get_json()['token']}"}

    def attempts(self, headers: dict[str, str]) -> dict[str, tuple[int, str | None]]:
        """The answer of every write path."""
        comments = f"/api/v1/stories/{self.story.key}/comments?site={self.paper.site.key}"
        paths: dict[str, tuple[str, str, dict[str, Any] | None]] = {
            "post": ("POST", comments, {"text": "I am back."}),
            "reply": ("POST", comments, {"text": "I am back.", "parent": str(self.others.id)}),
            "edit": ("PATCH", f"/api/v1/comments/{self.comment.id}", {"text": "I am still here."}),
            "react": ("PUT", f"/api/v1/comments/{self.others.id}/respect", None),
            "report": ("PUT", f"/api/v1/comments/{self.others.id}/report", {"rule": "respect"}),
        }
        answers = {
            name: self.client.open(path, method=method, json=body, headers=headers)
            for name, (method, path, body) in paths.items()
        }
        return {
            name: (answer.status_code, (answer.get_json(silent=True) or {}).get("code"))
            for name, answer in answers.items()
        }


@pytest.fixture
def banned(settings: Settings, house: HouseRules, database: Database, tmp_path: Path) -> Iterator[Banned]:
    with living_paper(settings, house, database, tmp_path) as paper:
        with database.transaction() as session:
            site = paper.site
            story = factories.story(session, site)
            account = factories.account(session, "Dora", email=ADDRESS, settings=settings, password=factories.PASSWORD)
            paper.reader = account
            desk = moderating.Desk(session, settings, house, story, account, moderating.moderator(session))
            others = factories.comment(session, story, factories.account(session))
            first, second = desk.comment(), desk.comment()
            decision = desk.decide(moderating.ask(session, house, first), "ban", "threat")
            banned = Banned(paper, paper.app.test_client(), account, second, others, story, desk.moderator, decision.id)
        yield banned


def log_in_anew(_banned: Banned) -> None:
    """Signing in is all that happens."""


def pay_for_a_new_subscription(banned: Banned) -> None:
    banned.paper.pay(banned.paper.go_to_checkout(banned.paper.browser()))
    eventually(lambda: _worked(banned.paper))
    assert banned.paper.entitlement().reason is Reason.BANNED


def resume_payment(banned: Banned) -> None:
    with banned.paper.database.transaction() as session:
        subscription = factories.subscribe(session, banned.account, status="past_due")
        session.flush()
        subscription.status = "active"


def reset_the_password(banned: Banned) -> None:
    with banned.paper.database.transaction() as session:
        token = one_time_tokens.issue(session, banned.paper.settings, banned.account.id, RESET)
    body = {"token": token, "password": NEW_PASSWORD}
    assert banned.client.post("/api/v1/password-resets/use", json=body).status_code == 204
    banned.password = NEW_PASSWORD


@pytest.mark.parametrize(
    "event", [log_in_anew, pay_for_a_new_subscription, resume_payment, reset_the_password], ids=lambda e: e.__name__
)
def test_a_ban_survives(banned: Banned, event: Callable[[Banned], None]) -> None:
    event(banned)
    refused = banned.attempts(banned.signed_in())
    assert refused == dict.fromkeys(refused, (403, "banned"))


def test_a_ban_ends_what_was_signed_in_before_it(banned: Banned) -> None:
    old = banned.signed_in()
    with banned.paper.database.transaction() as session:
        desk = moderating.Desk(
            session,
            banned.paper.settings,
            banned.paper.house,
            banned.story,
            session.get_one(Account, banned.account.id),
            banned.moderator,
        )
        desk.decide(moderating.ask(session, desk.house, session.get_one(Comment, banned.comment.id)), "ban", "threat")
    refused = banned.attempts(old)
    assert refused == dict.fromkeys(refused, (401, "sign_in_required"))


@pytest.mark.parametrize("spelling", [ADDRESS, ADDRESS.upper(), "DoraBanned+again@googlemail.com"])
def test_the_mailbox_of_a_banned_reader_makes_no_new_account(banned: Banned, spelling: str) -> None:
    body = {
        "email": spelling,
        "name": "Somebody Else",
        "password": NEW_PASSWORD,
        "rules_version": factories.RULES_VERSION,
    }
    assert banned.client.post("/api/v1/accounts", json=body).status_code == 202
    with banned.paper.database.reading() as session:
        assert not moderating.rows(session, Account, name="Somebody Else")
        assert not moderating.rows(session, Letter, kind="verify")


@pytest.mark.parametrize("by", ["lift", "undo"])
def test_only_a_recorded_decision_gives_the_right_back(banned: Banned, by: str) -> None:
    it = banned.paper
    with it.database.transaction() as session:
        factories.subscribe(session, session.get_one(Account, banned.account.id))
        session.get_one(Site, it.site.id).products = [factories.PRODUCT]
        if by == "lift":
            decisions.lift(session, it.house, banned.moderator, banned.account.id, "They apologised.")
        else:
            undo.undo(session, it.house, banned.moderator, banned.ban_id, "A mistake.")
    answers = banned.attempts(banned.signed_in())
    assert {name: status for name, (status, _code) in answers.items()} == {
        "post": 201,
        "reply": 409,  # the very text that was posted a moment before
        "edit": 200,
        "react": 200,
        "report": 204,
    }


def _worked(paper: Paper) -> bool:
    """Whether, the worker having done what there was, the new subscription is known."""
    paper.work()
    with paper.database.reading() as session:
        return bool(moderating.rows(session, Subscription, account_id=paper.reader.id, status="active"))
