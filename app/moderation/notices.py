"""Legal notices (DSA Art. 16): anyone, without an account, tells the paper that a comment is illegal.

The text is kept as it stood. The receipt is all that its sender needs to follow what becomes of it.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app import clock, ids, language
from app.accounts import emails
from app.db import find_locked
from app.errors import Malformed, NotFound, Refusals, required_text
from app.ids import new_id
from app.language import mark
from app.mail import letters
from app.models import Comment, Decision, Item, Notice
from app.models.comment import PUBLISHED
from app.models.item import OPEN
from app.models.letter import NOTICE_DISMISSED, NOTICE_RECEIVED, NOTICE_UPHELD
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from app.stories import sites
from config.policy import HouseRules

NOTICE = "notice"
LONGEST_EXPLANATION = 5000
LONGEST_NAME = 200
WEIGHT = 4.0
# a comment may break the law in several ways; but our mail must not be used against anybody
RECEIPTS_AN_HOUR = 5
DISMISS, OVERTURN = "dismiss", "overturn"
RECEIVED, DISMISSED, UPHELD = "received", "dismissed", "upheld"


@dataclass(frozen=True)
class Told:
    """What somebody tells us: why the comment is illegal, who they are (they may keep that to themselves).

    `good_faith`: they state that they believe it to be true and complete.
    """

    explanation: str
    name: str | None
    email: str | None
    good_faith: bool


@dataclass(frozen=True)
class FollowedNotice:
    """A notice, and the decision on it that stands, if there is one; the answer to an appeal that took another back."""

    notice: Notice
    decision: Decision | None

    @property
    def outcome(self) -> str:
        """received, dismissed or upheld."""
        if self.decision is None:
            return RECEIVED
        return DISMISSED if self.overturned or self.decision.action == DISMISS else UPHELD

    @property
    def overturned(self) -> bool:
        """Whether the paper had acted on it, and an appeal was granted; the reply to that is for who appealed."""
        return self.decision is not None and self.decision.action == OVERTURN


def file(session: Session, house: HouseRules, comment_id: int, told: Told) -> Notice:
    """Take a notice of a published comment and ask the moderators about it: once, however many notices there are.

    Raises NotFound, Malformed (explanation_required, explanation_too_long, name_too_long, email_malformed,
    good_faith_required), all of them together.
    """
    explanation, email = _checked(told)
    comment = find_locked(session, Comment, Comment.id == comment_id)
    if comment is None or comment.state != PUBLISHED:
        raise NotFound
    notice_id = new_id()
    rules = sites.rules_at(session, comment.site_id, house)
    subject = meeting(session, Subject(NOTICE, notice_id, comment.site_id, comment.account_id), comment.id)
    # saying it again makes nothing more urgent
    cause = Cause(NOTICE, WEIGHT if subject.id == notice_id else 0.0)
    notice = Notice(
        id=notice_id,
        comment_id=comment.id,
        item_id=items.open_item(session, NOTICE, subject, cause, rules),
        revision=comment.revision,
        snapshot=comment.text,
        explanation=explanation,
        name=told.name,
        email=email,
        language=language.current(),
        good_faith=True,
        receipt=secrets.token_urlsafe(18),
        created_at=clock.now(),
    )
    session.add(notice)
    session.flush()
    if _lately(session, notice) <= RECEIPTS_AN_HOUR:
        letters.write_to_notifier(session, notice, NOTICE_RECEIVED)
    return notice


def meeting(session: Session, subject: Subject, comment_id: int) -> Subject:
    """The subject under which an item asks about notices of a comment (locked): an open one's, or else `subject`."""
    asked = select(Item.subject_id).join(Notice, Notice.item_id == Item.id).where(Notice.comment_id == comment_id)
    first = session.scalar(asked.where(Item.state == OPEN).limit(1))
    return subject if first is None else replace(subject, id=first)


def of_item(session: Session, notice: Notice) -> list[Notice]:
    """All notices of the item in which `notice` is, the first first."""
    return list(session.scalars(select(Notice).where(Notice.item_id == notice.item_id).order_by(Notice.id)))


def answer(session: Session, item_id: int, action: str) -> None:
    """Tell everybody who gave a notice of the item what has been decided (DSA Art. 16(5))."""
    kind = NOTICE_DISMISSED if action == DISMISS else NOTICE_UPHELD
    for notice in session.scalars(select(Notice).where(Notice.item_id == item_id).order_by(Notice.id)):
        letters.write_to_notifier(session, notice, kind)


def read(session: Session, receipt: str) -> FollowedNotice:
    """The notice of a receipt and what became of it. Raises NotFound."""
    if "\0" in receipt:
        raise NotFound  # PostgreSQL cannot even be asked
    notice = session.scalars(select(Notice).where(Notice.receipt == receipt)).first()
    if notice is None:
        raise NotFound
    # an undo asks again, in another item; an appeal that is granted settles this one
    undoing = aliased(Decision)
    decided = session.execute(
        select(Decision, undoing)
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .where(Decision.item_id == notice.item_id)
        .order_by(Decision.created_at.desc())
        .limit(1)
    ).first()
    return FollowedNotice(notice, (decided[1] or decided[0]) if decided else None)


def _lately(session: Session, notice: Notice) -> int:
    """How many notices the last hour brought with the same address: anybody can give somebody else's."""
    since = Notice.id > ids.first_at(notice.created_at - timedelta(hours=1))
    return session.scalar(select(func.count()).where(since, Notice.email == notice.email)) or 0


def _checked(told: Told) -> tuple[str, str | None]:
    """The explanation and the address. Raises Malformed for all that is wrong."""
    missing = mark("Please explain why you think that the comment is illegal.")
    too_long = mark("The explanation may have %(limit)s characters.")
    refusals = Refusals()
    explanation = refusals.of(
        lambda: required_text(told.explanation, LONGEST_EXPLANATION, "explanation", missing=missing, too_long=too_long)
    )
    if len(told.name or "") > LONGEST_NAME:
        sentence = mark("The name may have %(limit)s characters.")
        refusals.add(Malformed("name_too_long", sentence, field="name", limit=LONGEST_NAME))
    given = told.email
    email = refusals.of(lambda: emails.reachable(given)) if given else None
    if not told.good_faith:
        sentence = mark("Please confirm that you believe what you state to be true and complete.")
        refusals.add(Malformed("good_faith_required", sentence, field="good_faith"))
    refusals.tell()
    return explanation or "", email
