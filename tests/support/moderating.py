"""What tests of moderation begin with: questions to the moderators, asked as the application asks them."""

from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import identity, standing
from app.accounts.identity import Identity
from app.errors import Refusal
from app.ids import new_id
from app.models import Account, Comment, Decision, Item, Model, Report, Story
from app.models.comment import PUBLISHED
from app.models.role import MODERATOR
from app.moderation import casefile, decisions, previews
from app.moderation.decisions import Intent
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from app.screening import enforcement
from app.signals.verdict import Verdict
from config.policy import ACKNOWLEDGEMENT, HouseRules
from config.settings import Settings
from tests.support import factories

Row = TypeVar("Row", bound=Model)
SEVERE = Verdict("withhold", ("score.threat",), "threat", 0.9, read=True)


def moderator(session: Session) -> Identity:
    """Somebody who moderates all sites."""
    return identity_of(session, factories.staff(session, MODERATOR))


def identity_of(session: Session, account: Account) -> Identity:
    """The caller that this account would be."""
    return identity.load(session, account.id, account.session_epoch)


def ask(session: Session, house: HouseRules, comment: Comment, *, reason: str = "hold", kind: str = "comment") -> Item:
    """An open item about a comment."""
    subject = Subject.of_comment(comment)
    item_id = items.open_item(session, kind, subject, Cause(reason, weight=1.0), house.at({}))
    return session.get_one(Item, item_id)


def with_severe(house: HouseRules, severe: str) -> HouseRules:
    """The rules of a house whose machine does this to the account behind a severe comment."""
    machine = {"severe": severe, "acknowledgement": ACKNOWLEDGEMENT}
    return HouseRules(house.at({"machine": machine}))


def withhold(session: Session, house: HouseRules, comment: Comment, verdict: Verdict = SEVERE) -> tuple[Item, Decision]:
    """The machine takes `comment` for severe: the item that asks a moderator, and what it decided meanwhile."""
    item = ask(session, house, comment, reason="severe")
    return item, enforcement.enforce(session, house, comment, verdict, item.id)


def ask_about_name(session: Session, house: HouseRules, account: Account, site_id: int) -> Item:
    """An open item about an account's display name."""
    subject = Subject.of_account(account.id, site_id)
    item_id = items.open_item(session, "account", subject, Cause("report", weight=1.0), house.at({}))
    return session.get_one(Item, item_id)


def report(session: Session, house: HouseRules, comment: Comment, reporter: Account, rule: str = "respect") -> Item:
    """A report, and the item that it hangs on."""
    subject = Subject.of_comment(comment)
    item_id = items.open_item(session, "comment", subject, Cause("report", weight=1.0, reports=1), house.at({}))
    session.add(
        Report(
            id=new_id(),
            account_id=reporter.id,
            site_id=comment.site_id,
            subject_type="comment",
            subject_id=comment.id,
            revision=comment.revision,
            rule=rule,
            item_id=item_id,
            created_at=clock.now(),
        )
    )
    session.flush()
    return session.get_one(Item, item_id, populate_existing=True)


def foreseen(session: Session, house: HouseRules, item: Item, action: str, rule: str) -> list[str]:
    """Codes of what the item's page says that a decision would take from the reader."""
    case = casefile.read(session, moderator(session), item.id)
    return previews.effects(case, house.at({}))[rule][action].restrictions


def rows(session: Session, table: type[Row], **having: object) -> list[Row]:
    """The rows with these values, as the database has them; in the order in which they were written, if ids say it."""
    in_order = select(table).filter_by(**having).order_by(*inspect(table).primary_key)
    statement = in_order.execution_options(populate_existing=True)
    return list(session.scalars(statement))


def refused(code: str, kind: type[Refusal] = Refusal) -> Any:
    return pytest.raises(kind, match=f"^{code}$")


@dataclass
class Desk:
    """One story, one author, and a moderator who decides about them."""

    session: Session
    settings: Settings
    house: HouseRules
    story: Story
    author: Account
    moderator: Identity

    def comment(self, state: str = PUBLISHED) -> Comment:
        return factories.comment(self.session, self.story, self.author, state=state)

    def decide(
        self, item: Item, action: str, rule: str | None = "respect", reason: str = "Because.", **more: Any
    ) -> Decision:
        by = more.pop("by", self.moderator)
        revision = more.pop("revision", item.revision)
        return decisions.decide(self.session, self.house, by, Intent(item.id, revision, action, rule, reason, **more))

    def standing(self) -> str:
        return standing.read(self.session, self.author.id).kind


def open_desk(session: Session, settings: Settings, house: HouseRules) -> Desk:
    """A desk at a new site."""
    story = factories.story(session, factories.site(session))
    return Desk(session, settings, house, story, factories.account(session), moderator(session))
