"""The letters that tell what the bell tells: written when they are due, worded as things are when they leave.

Whatever is due to a reader at one moment is one letter, and from one to the next are BETWEEN_LETTERS at least. It says
how much there is and where, and quotes nobody.
"""

from datetime import datetime, timedelta

from sqlalchemy import Select, case, exists, or_, select, union, update
from sqlalchemy.orm import Session

from app import clock
from app.accounts import standing
from app.db import Database, find_locked
from app.installation import Installation
from app.language import use
from app.mail import letters
from app.models import Account, Comment, Follow, Letter, Notification, Report, Story
from app.models.account import ACTIVE
from app.models.follow import FOLLOWED
from app.models.letter import NEWS
from app.models.letter_choice import FOLLOW
from app.models.notification import OF_COMMENTS, REPORT
from app.notifications import bell, destinations, sentences, unsubscribing
from app.notifications.sentences import Line

BETWEEN_LETTERS = timedelta(minutes=10)
BATCH = 200


def write_due(database: Database) -> None:
    """Write all letters that are due, one transaction each."""
    done: set[int] = set()
    while True:
        with database.reading() as session:
            due = [account_id for account_id in session.scalars(_due()).all() if account_id not in done]
        if not due:
            return
        for account_id in due:
            with database.transaction() as session:
                write(session, account_id)
        done.update(due)


def write(session: Session, account_id: int) -> None:
    """Write the letter that is due to an account, if letters reach it; if none does, nothing is due to it any more."""
    account = find_locked(session, Account, Account.id == account_id)
    now = clock.now()
    followed = session.execute(_followed(account_id, now)).all()
    letter_id = None
    if account is not None and _is_reached(account):
        new = {str(follow.story_id): str(count) for follow, count in followed if count > 0}
        letter_id = letters.write(session, account_id, NEWS, {"stories": new})
    due = update(Notification).where(Notification.account_id == account_id, Notification.due_at <= now)
    session.execute(due.values(due_at=None, letter_id=letter_id).execution_options(synchronize_session=False))
    for follow, count in followed:
        follow.due_at = None
        follow.told_count = max(follow.seen_count, follow.told_count) + max(0, count)


def words(it: Installation, session: Session, letter: Letter) -> dict[str, str]:
    """What a letter says now (mail.letters.Telling): of comments that are still there and whose authors are not banned,
    and of what its reader has not read meanwhile. Empty if that is nothing.
    """
    assert letter.account_id is not None
    with use(letter.language, it.house.language):
        lines = [*_told(session, letter), *_in_followed(session, letter)]
        if not lines:
            return {}
        kinds = sorted({line.kind for line in lines})
        return {
            "subject": sentences.subject(lines),
            "news": "\n\n".join(sentences.worded(line, _address(it, line)) for line in lines),
            "unsubscribe": unsubscribing.link(it.settings, letter.account_id, kinds),
        }


def _address(it: Installation, line: Line) -> str:
    return destinations.address(it.database, it.settings.public_url, line.kind, line.subject_id, line.story)


def _due() -> Select[int]:
    """The accounts to which a letter is due, but for those who have just had one."""
    now = clock.now()
    due = union(
        select(Notification.account_id).where(Notification.due_at <= now),
        select(Follow.account_id).where(Follow.due_at <= now),
    ).subquery()
    lately = exists().where(
        Letter.account_id == due.c.account_id, Letter.kind == NEWS, Letter.created_at > now - BETWEEN_LETTERS
    )
    return select(due.c.account_id).where(~lately).order_by(due.c.account_id).limit(BATCH)


def _is_reached(account: Account) -> bool:
    there = account.state == ACTIVE and account.email is not None
    return there and account.verified_at is not None and account.mail_refused_at is None


def _followed(account_id: int, now: datetime) -> Select[Follow, int]:
    """The follows of which a letter is due, and how many comments it has to tell of."""
    known = case((Follow.told_count > Follow.seen_count, Follow.told_count), else_=Follow.seen_count)
    return (
        select(Follow, Story.published_count - known)
        .join(Story, Story.id == Follow.story_id)
        .where(Follow.account_id == account_id, Follow.state == FOLLOWED, Follow.due_at <= now)
    )


def _told(session: Session, letter: Letter) -> list[Line]:
    """A line for each kind of notification and each story."""
    banned = exists().where(Comment.id == Notification.subject_id, standing.is_banned(Comment.account_id, clock.now()))
    heard = or_(Notification.kind.not_in(OF_COMMENTS), ~banned)
    found = (
        select(Notification, Story, Report.outcome)
        .outerjoin(Story, Story.id == Notification.story_id)
        .outerjoin(Report, (Notification.kind == REPORT) & (Report.id == Notification.subject_id))
        .where(Notification.letter_id == letter.id, Notification.read_at.is_(None), bell.stands(), heard)
        .order_by(Notification.id)
    )
    lines: dict[tuple[str, int | None, str | None], Line] = {}
    for notification, story, outcome in session.execute(found):
        key = (notification.kind, notification.story_id, outcome)
        if key in lines:
            lines[key].count += 1
        else:
            lines[key] = Line(notification.kind, 1, story, notification.subject_id, outcome)
    return list(lines.values())


def _in_followed(session: Session, letter: Letter) -> list[Line]:
    counts: dict[str, str] = letter.parameters.get("stories", {})
    still = (
        select(Story)
        .join(Follow, Follow.story_id == Story.id)
        .where(Follow.account_id == letter.account_id, Follow.state == FOLLOWED)
        .where(Story.id.in_([int(story_id) for story_id in counts]), Story.published_count > Follow.seen_count)
        .order_by(Story.id)
    )
    return [Line(FOLLOW, int(counts[str(story.id)]), story) for story in session.scalars(still)]
