"""Legal notices (DSA Art. 16): anyone, without an account, tells the paper that a comment is illegal.

The text is kept as it stood. The receipt is all that its sender needs to follow what becomes of it.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app import clock
from app.accounts import emails
from app.errors import Malformed, NotFound, required_text
from app.ids import new_id
from app.language import mark
from app.models import Comment, Decision, Item, Notice
from app.models.comment import PUBLISHED
from app.review_queue import items
from app.review_queue.items import Cause, Subject
from app.stories import sites
from config.policy import HouseRules

NOTICE = "notice"
LONGEST_EXPLANATION = 5000
LONGEST_NAME = 200
WEIGHT = 4.0
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


def file(session: Session, house: HouseRules, comment_id: int, told: Told) -> Notice:
    """Take a notice of a published comment and ask the moderators about it.

    Raises NotFound, Malformed (explanation_required, explanation_too_long, name_too_long, email_malformed,
    good_faith_required).
    """
    explanation = _checked(told)
    email = emails.check(told.email) if told.email else None
    comment = session.get(Comment, comment_id)
    if comment is None or comment.state != PUBLISHED:
        raise NotFound
    notice = Notice(
        id=new_id(),
        comment_id=comment.id,
        revision=comment.revision,
        snapshot=comment.text,
        explanation=explanation,
        name=told.name,
        email=email,
        good_faith=True,
        receipt=secrets.token_urlsafe(18),
        created_at=clock.now(),
    )
    session.add(notice)
    session.flush()
    rules = sites.rules_at(session, comment.site_id, house)
    subject = Subject(NOTICE, notice.id, comment.site_id, comment.account_id)
    items.open_item(session, NOTICE, subject, Cause(NOTICE, WEIGHT), rules)
    return notice


def read(session: Session, receipt: str) -> tuple[Notice, str]:
    """The notice of a receipt and what became of it: received, dismissed or upheld. Raises NotFound."""
    if "\0" in receipt:
        raise NotFound  # PostgreSQL cannot even be asked
    notice = session.scalars(select(Notice).where(Notice.receipt == receipt)).first()
    if notice is None:
        raise NotFound
    undoing = aliased(Decision)
    action = session.scalar(
        select(Decision.action)
        .join(Item, Item.id == Decision.item_id)
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .where(Item.subject_type == NOTICE, Item.subject_id == notice.id, undoing.id.is_(None))
        .order_by(Decision.created_at.desc())
        .limit(1)
    )
    return notice, RECEIVED if action is None else DISMISSED if action == "dismiss" else UPHELD


def _checked(told: Told) -> str:
    missing = mark("Please explain why you think that the comment is illegal.")
    too_long = mark("The explanation may have %(limit)s characters.")
    explanation = required_text(
        told.explanation, LONGEST_EXPLANATION, "explanation", missing=missing, too_long=too_long
    )
    if len(told.name or "") > LONGEST_NAME:
        sentence = mark("The name may have %(limit)s characters.")
        raise Malformed("name_too_long", sentence, field="name", limit=LONGEST_NAME)
    if not told.good_faith:
        sentence = mark("Please confirm that you believe what you state to be true and complete.")
        raise Malformed("good_faith_required", sentence, field="good_faith")
    return explanation
