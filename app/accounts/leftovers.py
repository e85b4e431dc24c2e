"""What an erased reader leaves beside the conversation: their words to the paper, and its words about them.

What stays is named in docs/personal-data.md. Words that a question is still open about wait until it is answered, and
texts that nobody sees until nothing can follow from them any more: both go with the nightly retention.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Text,
    delete,
    exists,
    func,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from app.accounts import emails
from app.models import Account, Appeal, Comment, Grant, Item, Job, Report, Revision
from app.models.account import ERASED
from app.models.comment import DELETED, PUBLISHED
from app.models.item import CLOSED, OPEN
from app.stories import publication

NOTHING = ""
# how the kinds of those jobs begin that may know an address: somebody typed it, and nobody is known by it yet
OF_ACCOUNTS = "accounts."


def forget_jobs(session: Session, addresses: Iterable[str]) -> None:
    """Delete the jobs, due or failed for good, that know one of `addresses`, in whatever spelling it was typed."""
    mailboxes = set(map(emails.mailbox, addresses))
    knowing = select(Job).where(Job.kind.startswith(OF_ACCOUNTS), type_coerce(Job.payload, Text).contains("@"))
    theirs = [job.id for job in session.scalars(knowing) if mailboxes & set(_mailboxes(job.payload))]
    session.execute(delete(Job).where(Job.id.in_(theirs)))


def _mailboxes(payload: dict[str, Any]) -> Iterator[str]:
    return (emails.mailbox(said) for said in payload.values() if isinstance(said, str) and "@" in said)


def forget_words(session: Session, whose: ColumnElement[bool]) -> None:
    """Blank the notes of reports, the appeals and the grants' reasons of the erased accounts for which `whose` is true,
    but for what waits for an answer.
    """
    erased = select(Account.id).where(Account.state == ERASED, whose).scalar_subquery()
    answered = select(Item.id).where(Item.state == CLOSED).scalar_subquery()
    _blank(session, Grant, {"reason": NOTHING}, Grant.account_id.in_(erased), Grant.reason != NOTHING)
    note = (Report.account_id.in_(erased), Report.note.is_not(None), Report.item_id.in_(answered))
    _blank(session, Report, {"note": None}, *note)
    appeal = (Appeal.account_id.in_(erased), Appeal.answered_at.is_not(None), Appeal.text != NOTHING)
    _blank(session, Appeal, {"text": NOTHING, "reply": None}, *appeal)


def with_unseen_texts(erased_before: datetime) -> Select[int]:
    """The accounts, erased by then, of which there is a text that no reader can see and no moderator is asked about."""
    asked = exists().where(Item.account_id == Account.id, Item.state == OPEN)
    unseen = exists().where(Comment.account_id == Account.id, _is_unseen())
    earlier = exists().where(Comment.account_id == Account.id, _is_earlier(), Revision.text != NOTHING)
    over = (Account.state == ERASED, Account.erased_at < erased_before, ~asked)
    return select(Account.id).where(*over, or_(unseen, earlier)).order_by(Account.id)


def forget_unseen_texts(session: Session, account: Account) -> None:
    """Blank the texts of `account` (erased, locked) that are not published, and what published ones said before.

    What is not published counts as taken back by its author, whatever is decided later.
    """
    unseen = select(Comment).where(Comment.account_id == account.id, _is_unseen()).order_by(Comment.id)
    for comment in session.scalars(unseen.with_for_update(key_share=True)):
        comment.text = comment.text_digest = NOTHING
        publication.set_state(session, comment, DELETED)
    current: ScalarSelect[int] = (
        select(Comment.revision).where(Comment.id == Revision.comment_id, Comment.state == PUBLISHED).scalar_subquery()
    )
    theirs = select(Comment.id).where(Comment.account_id == account.id).scalar_subquery()
    seen = func.coalesce(current, 0)
    _blank(session, Revision, {"text": NOTHING}, Revision.comment_id.in_(theirs), Revision.number != seen)


def _is_unseen() -> ColumnElement[bool]:
    return (Comment.state != PUBLISHED) & (Comment.text != NOTHING)


def _is_earlier() -> ColumnElement[bool]:
    return (Revision.comment_id == Comment.id) & ((Revision.number < Comment.revision) | (Comment.state != PUBLISHED))


def _blank(session: Session, table: type[Any], values: dict[str, Any], *which: ColumnElement[bool]) -> None:
    session.execute(update(table).where(*which).values(values).execution_options(synchronize_session=False))
