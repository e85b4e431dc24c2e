"""What a decision is about, with every row it may change locked in the house's order: account, comment, item."""

from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.accounts import selves
from app.accounts.identity import Identity
from app.db import find_locked
from app.errors import Conflict, NotFound
from app.models import Account, Comment, Decision, Item, Model
from app.models.item import OPEN
from app.models.role import MODERATOR
from app.moderation import distance
from app.review_queue import kinds
from app.review_queue.items import Subject
from app.review_queue.kinds import COMMENT, Kind

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class LockedSubject:
    """A subject with its rows, locked. `account` is whom a decision affects; `item` the one it answers, if any.

    `kind` is the item's, and `question` the name of what it asks.
    """

    site_id: int
    type: str
    id: int
    account: Account
    comment: Comment | None = None
    item: Item | None = None
    kind: Kind | None = None
    question: str | None = None


def of_item(session: Session, actor: Identity, item_id: int, seen_revision: int) -> LockedSubject:
    """The subject of an open item, as `actor` saw it.

    Raises NotFound without the role at its site, Forbidden (own_case, outranked), Conflict (stale) if it was decided or
    has grown since.
    """
    # read without a lock first, to learn what must be locked before the item
    seen = session.execute(
        select(Item.site_id, Item.subject_type, Item.subject_id, Item.account_id).where(Item.id == item_id)
    ).first()
    if seen is None or seen.account_id is None or not actor.has_role(MODERATOR, seen.site_id):
        raise NotFound
    distance.require(
        session, actor.account_id, Subject(seen.subject_type, seen.subject_id, seen.site_id, seen.account_id)
    )
    subject = _lock(session, seen.site_id, seen.subject_type, seen.subject_id, seen.account_id)
    item = locked(session, Item, item_id)
    if item.state != OPEN or item.revision != seen_revision:
        raise Conflict("stale", revision=item.revision, state=item.state)
    asked = kinds.in_use().subject_type(item.subject_type)
    question = asked.question(session.get(asked.table, item.subject_id))
    return replace(subject, item=item, kind=kinds.in_use().kind(item.kind), question=question)


def of_decision(session: Session, decision: Decision) -> LockedSubject:
    """The subject that `decision` was made on, without its item."""
    if decision.account_id is None:
        raise NotFound
    return _lock(session, decision.site_id, decision.subject_type, decision.subject_id, decision.account_id)


def locked(session: Session, table: type[Row], row_id: int) -> Row:
    """The row of that id, locked, whatever its state. Raises NotFound."""
    key: ColumnElement[bool] = table.__table__.c.id == row_id
    found = find_locked(session, table, key)
    if found is None:
        raise NotFound
    return found


def locked_person(session: Session, account_id: int) -> Account:
    """The account, locked with all others of the same person, since theirs count for it too. Raises NotFound."""
    same = {account_id, *session.scalars(select(selves.of(account_id).c.id))}
    accounts = {each: locked(session, Account, each) for each in sorted(same)}
    return accounts[account_id]


def _lock(session: Session, site_id: int, subject_type: str, subject_id: int, account_id: int) -> LockedSubject:
    """A decision on a notice or an appeal is one on the comment that it is about."""
    account = locked_person(session, account_id)
    its_type, its_id = distance.about(session, subject_type, subject_id)
    if its_type != COMMENT:
        return LockedSubject(site_id, subject_type, subject_id, account)
    return LockedSubject(site_id, COMMENT, its_id, account, locked(session, Comment, its_id))
