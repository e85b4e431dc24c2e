"""A moderator comes across something that nobody reported: the question is asked, so that the answer has a place."""

from sqlalchemy.orm import Session

from app.accounts.identity import Identity
from app.errors import NotFound
from app.models import Account, Comment, Decision, Item
from app.models.account import ACTIVE
from app.models.comment import DELETED
from app.models.role import MODERATOR
from app.moderation import decisions, locked_subjects
from app.moderation.decisions import Intent
from app.moderation.reports import site_of_name
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from app.stories import sites
from config.policy import HouseRules

REASON = "moderator"


def take_up(session: Session, house: HouseRules, actor: Identity, comment_id: int) -> int:
    """The open item about a comment, made if there is none. Raises NotFound, without the role at its site too."""
    comment = locked_subjects.locked(session, Comment, comment_id)
    if comment.state == DELETED or not actor.has_role(MODERATOR, comment.site_id):
        raise NotFound
    return _item(session, house, Subject.of_comment(comment))


def reset_name(
    session: Session, house: HouseRules, actor: Identity, account_id: int, rule: str, reason: str
) -> Decision:
    """Take a display name away. Raises NotFound, and what `decisions.decide` raises."""
    account = locked_subjects.locked(session, Account, account_id)
    if account.state != ACTIVE:
        raise NotFound
    subject = Subject.of_account(account.id, site_of_name(session, account.id))
    item = session.get_one(Item, _item(session, house, subject), populate_existing=True)
    intent = Intent(item.id, item.revision, "reset_name", rule, reason)
    return decisions.decide(session, house, actor, intent)


def _item(session: Session, house: HouseRules, subject: Subject) -> int:
    """What is open already stays as it is: a moderator's look at it adds no weight."""
    known = items.find_open(session, subject.type, subject)
    if known is not None:
        return known
    rules = sites.rules_at(session, subject.site_id, house)
    return items.open_item(session, subject.type, subject, Cause(REASON, weight=0.0), rules)
