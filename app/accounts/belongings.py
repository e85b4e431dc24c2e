"""What is a reader's own, and goes with them from one account of theirs to another.

Decisions, statements, sanctions and strikes stay where they were imposed: they are a record, and hold for the person by
the traits that both accounts have (accounts.selves).
"""

from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.models import (
    Account,
    Appeal,
    Comment,
    Follow,
    Grant,
    Item,
    Letter,
    Login,
    Mute,
    Notification,
    PaperEntitlement,
    PaymentCase,
    Reaction,
    Report,
    StoryAuthor,
    Termination,
    Trait,
)
from app.models.login import LOCAL
from app.models.payment_case import NAME_MISMATCH
from app.models.trait import SURE

# each with what an account can have once only: what the other has already is not taken twice
MOVED: tuple[tuple[type[Any], tuple[InstrumentedAttribute[Any], ...]], ...] = (
    (Comment, ()),
    (Report, (Report.subject_type, Report.subject_id)),
    (Reaction, (Reaction.comment_id, Reaction.kind)),
    (Follow, (Follow.story_id,)),
    (Letter, ()),
    (Notification, (Notification.kind, Notification.subject_id)),
    (Appeal, ()),
    (Grant, ()),
    (PaperEntitlement, (PaperEntitlement.site_id,)),
    (Termination, ()),
)


def move(session: Session, former: Account, account: Account) -> None:
    """Give `account` what is `former`'s (both locked): log-ins elsewhere, what they wrote, reported, like and follow,
    and the questions about it, but for those about the name.
    """
    # first, since an import that writes for an author of an old system holds it until it has
    _give(session, former, account, Login, Login.provider != LOCAL)
    # what surely says who somebody is both go by from now on
    _give(session, former, account, Trait, Trait.kind.not_in(SURE), once=(Trait.token,))
    for table, once in MOVED:
        _give(session, former, account, table, once=once)
    _give(session, former, account, Mute, Mute.muted_id != account.id, once=(Mute.muted_id,))
    case = PaymentCase.kind, PaymentCase.reference
    _give(session, former, account, PaymentCase, PaymentCase.kind != NAME_MISMATCH, once=case)
    left = select(PaymentCase.id).where(PaymentCase.account_id == former.id)
    asked = Item.account_id == former.id, Item.subject_id != former.id, Item.subject_id.not_in(left)
    # whoever was about to answer without knowing this is refused
    _run(session, update(Item).where(*asked).values(account_id=account.id, revision=Item.revision + 1))
    by_them = or_(StoryAuthor.account_id == former.id, StoryAuthor.mailbox == former.email_token)
    _run(session, update(StoryAuthor).where(by_them).values(account_id=account.id))
    other = aliased(Mute)
    deaf = select(other.account_id).where(other.muted_id == account.id)
    muted = Mute.muted_id == former.id, Mute.account_id != account.id, Mute.account_id.not_in(deaf)
    _run(session, update(Mute).where(*muted).values(muted_id=account.id))
    account.reactions_left_out = account.reactions_left_out or former.reactions_left_out


def _give(
    session: Session,
    former: Account,
    account: Account,
    table: type[Any],
    *which: ColumnElement[bool],
    once: tuple[InstrumentedAttribute[Any], ...] = (),
) -> None:
    had = aliased(table)
    same = exists().where(had.account_id == account.id, *(getattr(had, each.key) == each for each in once))
    moved = update(table).where(table.account_id == former.id, *which, *([~same] if once else []))
    _run(session, moved.values(account_id=account.id))


def _run(session: Session, change: Any) -> None:
    session.execute(change.execution_options(synchronize_session=False))
