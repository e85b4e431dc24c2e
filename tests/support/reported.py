"""What tests of one item on the desk begin with: a reply that was reported."""

from dataclasses import dataclass

from sqlalchemy import select

from app.db import Database
from app.models import Account, Comment, Decision, Item, Site
from app.models.role import MODERATOR
from app.moderation import reports
from app.moderation.reports import Complaint
from config.policy import HouseRules
from tests.support import factories, moderating


@dataclass
class Case:
    """A reply that one reader reported as an insult, a second item below it, and a moderator."""

    site: Site
    moderator: Account
    author: Account
    reporter: Account
    comment: Comment
    item: Item
    below: Item

    @property
    def page(self) -> str:
        return f"/queue/{self.item.id}"

    @property
    def api(self) -> str:
        return f"/api/v1/items/{self.item.id}"


def reported(database: Database, house: HouseRules) -> Case:
    """The case, as it is in the database."""
    with database.transaction() as session:
        site = factories.site(session)
        story = factories.story(session, site)
        author, reporter = factories.account(session, "Rowdy Author"), factories.account(session, "Keen Reporter")
        parent = factories.comment(session, story, factories.account(session, "First Speaker"), "A calm thought.")
        comment = factories.comment(session, story, author, "You are a fool.", parent=parent)
        reports.report_comment(session, house, reporter.id, comment.id, Complaint("respect", "Name-calling."))
        item = session.scalars(select(Item)).one()
        below = moderating.ask(session, house, factories.comment(session, story, author, "Something milder."))
        moderator = factories.staff(session, MODERATOR, "Calm Moderator", at=site)
        return Case(site, moderator, author, reporter, comment, item, below)


def latest_decision(database: Database) -> Decision:
    with database.reading() as session:
        return session.scalars(select(Decision).order_by(Decision.id.desc())).first()  # type: ignore[return-value]


def state_of(database: Database, comment: Comment) -> str:
    with database.reading() as session:
        return session.get_one(Comment, comment.id).state
