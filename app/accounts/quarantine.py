"""What an erased account is known again by, and for how long it is kept (GDPR Art. 17(3)).

Whoever breaks a rule and erases the account at once must end where they would have if the report had come first. So
the digests of the mailbox and of what was paid with stay as long as something can follow from what was written, or
as something that did follow is in force; and as long as what was reported would be reported once more by somebody new.
Then they go. Those of an account that its reader went on from with another
(sign_in.joined_accounts), and of an author of an old system whom they turned out to be, stay as long as that one: what
was decided about the first is theirs to read and appeal.
"""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session, aliased

from app import clock
from app.accounts import selves
from app.models import Account, Comment, Item, Report, Sanction, Strike, Trait
from app.models.account import ACTIVE, IMPORT
from app.models.comment import DELETED
from app.models.item import OPEN
from app.models.sanction import BAN, SUSPENSION, is_in_force
from app.models.trait import LOGIN, MAILBOX
from config.policy import HouseRules


def begin(session: Session, account: Account) -> None:
    """`account` (locked) has just been erased: who never wrote or reported, and is under nothing, is forgotten at
    once.
    """
    _forget(session, account, _needed(account, recent=True))


def end(session: Session, house: HouseRules, account: Account) -> None:
    """Forget what `account` (erased, locked) is known again by, unless that is still needed."""
    _forget(session, account, _needed(account, recent=_is_recent(house, account)))


def is_kept(session: Session, house: HouseRules, account: Account) -> bool:
    """Whether `account`, which is erased, must still be known again."""
    return bool(session.scalar(select(_needed(account, recent=_is_recent(house, account)))))


def _is_recent(house: HouseRules, account: Account) -> bool:
    """Whether its comments and reports are so lately its reader's that something can still follow from them."""
    assert account.erased_at is not None
    return account.erased_at > clock.now() - timedelta(days=house.retention.quarantine_days)


def _needed(account: Account, *, recent: bool) -> ColumnElement[bool]:
    asked = exists().where(Item.account_id == account.id, Item.state == OPEN)
    wrote = exists().where(Comment.account_id == account.id, Comment.state != DELETED)
    reported = exists().where(Report.account_id == account.id)
    waits = reported.where(Item.id == Report.item_id, Item.state == OPEN)
    return or_(asked, waits, _in_force(account.id), _goes_on(account), *([wrote, reported] if recent else []))


def _forget(session: Session, account: Account, needed: ColumnElement[bool]) -> None:
    if not session.scalar(select(needed)):
        session.execute(delete(Trait).where(Trait.account_id == account.id))


def _in_force(account_id: int) -> ColumnElement[bool]:
    """Whether a restriction or a strike of the person counts on: what an account took over, it hands on."""
    known, now = selves.of(account_id), clock.now()
    mine = select(known.c.id)
    restricted = exists().where(Sanction.account_id.in_(mine), Sanction.kind.in_((BAN, SUSPENSION)), is_in_force(now))
    struck = exists().where(Strike.account_id.in_(mine), and_(Strike.revoked_by.is_(None), Strike.expires_at > now))
    return or_(restricted, struck)


def _goes_on(account: Account) -> ColumnElement[bool]:
    """Whether its log-in elsewhere led to another account, which is still there, before it was erased, or an author of
    an old system turned out to be the reader of one (accounts.old_authors): not one that its reader made afterwards.
    """
    mine, theirs = aliased(Trait), aliased(Trait)
    kind = MAILBOX if account.origin == IMPORT else LOGIN
    same = mine.account_id == account.id, mine.kind == kind, theirs.token == mine.token, theirs.kind == kind
    goes_on = Account.id == theirs.account_id, Account.state == ACTIVE, theirs.first_seen_at <= account.erased_at
    return exists().where(*same, *goes_on)
