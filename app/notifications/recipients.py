"""Who is told of what happens: the notifications that follow from a comment, a decision or an answered report.

Each is a row with a unique key, so that whoever is told twice is told once, whichever worker was killed on the way.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app import clock
from app.db import insert_once, lock_names
from app.ids import new_id
from app.models import Account, Comment, Follow, Mute, Notification, Report
from app.models.account import ACTIVE
from app.models.comment import PUBLISHED as STANDS
from app.models.follow import FOLLOWED, MUTED
from app.models.letter_choice import AT_ONCE, DAILY, FOLLOW
from app.models.notification import DECISION, MENTION, PICK, PUBLISHED, REPLY, REPORT
from app.models.report import WAITING
from app.notifications import choices, follows, mentions

# the job that tells who made the reports of an item what became of them
TELL_REPORTERS = "reports.answered"


@dataclass(frozen=True)
class Occasion:
    """What somebody is told of: a kind of models.notification with its subject, at a site and perhaps on a story."""

    kind: str
    subject_id: int
    site_id: int
    story_id: int | None = None


def tell_of_comment(session: Session, comment_id: int, zone: tzinfo, *, waited: bool) -> None:
    """A comment can be read by everybody now, or says something else: tell whom it answers, whom it names and, if it
    had `waited` for a moderator, its author. Who has been told of it is not told again.
    """
    comment = _standing(session, comment_id)
    if comment is None:
        return
    told = dict.fromkeys(mentions.in_text(session, comment.story_id, comment.text), MENTION)
    answered = session.get(Comment, comment.parent_id) if comment.parent_id is not None else None
    if answered is not None:
        told[answered.account_id] = REPLY
    told.pop(comment.account_id, None)
    told = {account_id: told[account_id] for account_id in _listening(session, comment, told)}
    if waited:
        told[comment.account_id] = PUBLISHED
    for account_id, kind in told.items():
        tell(session, account_id, Occasion(kind, comment.id, comment.site_id, comment.story_id), zone)


def tell_followers(session: Session, comment_id: int, zone: tzinfo) -> None:
    """A comment can be read by everybody now: have a letter written to each who follows its story and has none coming.
    The bell counts by itself.
    """
    comment = _standing(session, comment_id)
    if comment is None:
        return
    # two comments of one story would otherwise wait for each other's followers
    lock_names(session, [f"followers of {comment.story_id}"])
    follows.begin_by_authors(session, comment)
    of_story = Follow.story_id == comment.story_id, Follow.state == FOLLOWED
    own = Follow.account_id == comment.account_id
    now = clock.now()
    # who wants to know at once is written to again when they have looked
    looked: dict[str, tuple[ColumnElement[bool], ...]] = {AT_ONCE: (Follow.told_count <= Follow.seen_count,), DAILY: ()}
    for frequency, also in looked.items():
        wanted = choices.frequency_of(Follow.account_id, FOLLOW) == frequency
        due = update(Follow).where(*of_story, ~own, Follow.due_at.is_(None), wanted, *also)
        changed = due.values(due_at=choices.due_at(frequency, now, zone))
        session.execute(changed.execution_options(synchronize_session=False))


def tell_of_pick(session: Session, comment: Comment, zone: tzinfo) -> None:
    """A comment is an editor's pick now: tell its author."""
    tell(session, comment.account_id, Occasion(PICK, comment.id, comment.site_id, comment.story_id), zone)


def tell_of_reports(session: Session, item_id: int, zone: tzinfo) -> None:
    """Reports have been answered: tell who made them, once each, whatever is thought of it later."""
    answered = select(Report, Comment.story_id).outerjoin(
        Comment, (Report.subject_type == "comment") & (Comment.id == Report.subject_id)
    )
    for report, story_id in session.execute(answered.where(Report.item_id == item_id, Report.outcome != WAITING)):
        tell(session, report.account_id, Occasion(REPORT, report.id, report.site_id, story_id), zone)


def tell_of_decision(session: Session, account_id: int, statement_id: int, site_id: int) -> None:
    """Somebody is restricted. The letter about it is the statement's own."""
    _add(session, account_id, Occasion(DECISION, statement_id, site_id), None)


def tell(session: Session, account_id: int, occasion: Occasion, zone: tzinfo) -> None:
    """Tell an account of something, once, and have a letter written to it as often as it likes; none that is erased."""
    frequency = choices.of(session, account_id)[occasion.kind]
    _add(session, account_id, occasion, choices.due_at(frequency, clock.now(), zone))


def _add(session: Session, account_id: int, occasion: Occasion, due_at: datetime | None) -> None:
    now = clock.now()
    if session.get_one(Account, account_id).state != ACTIVE:
        return
    insert_once(
        session,
        Notification,
        id=new_id(now),
        account_id=account_id,
        kind=occasion.kind,
        subject_id=occasion.subject_id,
        site_id=occasion.site_id,
        story_id=occasion.story_id,
        created_at=now,
        due_at=due_at,
    )


def _listening(session: Session, comment: Comment, told: Collection[int]) -> list[int]:
    """Those of `told` who are still there, and have muted neither the story nor the author."""
    if not told:
        return []
    silent = select(Follow.account_id).where(Follow.story_id == comment.story_id, Follow.state == MUTED)
    deaf = select(Mute.account_id).where(Mute.muted_id == comment.account_id)
    there = select(Account.id).where(Account.id.in_(told), Account.state == ACTIVE)
    return list(session.scalars(there.where(Account.id.not_in(silent), Account.id.not_in(deaf)).order_by(Account.id)))


def _standing(session: Session, comment_id: int) -> Comment | None:
    comment = session.get(Comment, comment_id)
    return comment if comment is not None and comment.state == STANDS else None
