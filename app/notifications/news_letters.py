"""The letters that tell what the bell tells: written when they are due, worded as things are when they leave.

Whatever is due to a reader at one moment is one letter, and from one to the next are BETWEEN_LETTERS at least. It says
how much there is and where, and quotes nobody.
"""

from datetime import datetime, timedelta

from sqlalchemy import Select, case, exists, func, or_, select, union, update
from sqlalchemy.orm import Session

from app import clock
from app.accounts import standing
from app.db import Database, find_locked
from app.installation import Installation
from app.language import use
from app.mail import letters
from app.models import Account, Comment, Follow, Letter, Notification, Report, Story
from app.models.account import ACTIVE
from app.models.follow import FOLLOWED, MUTED
from app.models.letter import NEWS
from app.models.letter_choice import FOLLOW
from app.models.notification import MENTION, OF_COMMENTS, REPLY, REPORT
from app.notifications import bell, choices, destinations, follows, sentences, unsubscribing
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
    due = Notification.account_id == account_id, Notification.due_at <= now
    new: dict[str, list[str]] = {}
    for follow, published, is_new in followed:
        follow.due_at = None
        if is_new:
            new[str(follow.story_id)] = [str(follow.told_count), str(published)]
            follow.told_count = published
    letter_id = None
    is_any = new or session.scalar(select(exists().where(*due)))
    if account is not None and _is_reached(account) and is_any:
        letter_id = letters.write(session, account_id, NEWS, {"stories": new})
    gone = update(Notification).where(*due).values(due_at=None, letter_id=letter_id)
    session.execute(gone.execution_options(synchronize_session=False))


def words(it: Installation, session: Session, letter: Letter) -> dict[str, str]:
    """What a letter says now (mail.letters.Telling): of comments that are still there and whose authors are not banned,
    and of what its reader has not read meanwhile and still wants letters about. Empty if that is nothing.
    """
    assert letter.account_id is not None
    wanted = choices.wanted(session, letter.account_id)
    with use(letter.language, it.house.language):
        lines = [*_told(session, letter, wanted), *_in_followed(session, letter, wanted)]
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


def _followed(account_id: int, now: datetime) -> Select[Follow, int, bool]:
    """The follows of which a letter is due, how many comments their stories have had, and whether it has any to tell
    of.
    """
    return (
        select(
            Follow, Story.published_count, follows.unseen(now, Comment.published_number > Follow.told_count).exists()
        )
        .join(Story, Story.id == Follow.story_id)
        .where(Follow.account_id == account_id, Follow.state == FOLLOWED, Follow.due_at <= now)
    )


def _told(session: Session, letter: Letter, wanted: list[str]) -> list[Line]:
    """A line for each kind of notification that is `wanted` and each story."""
    banned = exists().where(Comment.id == Notification.subject_id, standing.is_banned(Comment.account_id, clock.now()))
    of_story = Follow.account_id == Notification.account_id, Follow.story_id == Notification.story_id
    silent = exists().where(*of_story, Follow.state == MUTED)
    heard = (
        or_(Notification.kind.not_in(OF_COMMENTS), ~banned),
        # of a muted story what becomes of their own comments is still told (recipients.tell_of_comment)
        or_(Notification.kind.not_in((REPLY, MENTION)), ~silent),
    )
    found = (
        select(Notification, Story, Report.outcome)
        .outerjoin(Story, Story.id == Notification.story_id)
        .outerjoin(Report, (Notification.kind == REPORT) & (Report.id == Notification.subject_id))
        .where(Notification.letter_id == letter.id, Notification.read_at.is_(None), bell.stands(), *heard)
        .where(Notification.kind.in_(wanted))
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


def _in_followed(session: Session, letter: Letter, wanted: list[str]) -> list[Line]:
    """A line for each story of which the letter was written, if that is `wanted`. It counts what is new now, of what
    was so then.
    """
    spans = {int(story_id): (int(a), int(b)) for story_id, (a, b) in letter.parameters.get("stories", {}).items()}
    if not spans:
        return []
    after, last = (case({story_id: span[end] for story_id, span in spans.items()}, value=Story.id) for end in (0, 1))
    then = follows.unseen(clock.now(), Comment.published_number > after, Comment.published_number <= last)
    found = (
        select(Story, select(func.count()).select_from(then.subquery()).scalar_subquery())
        .join(Follow, Follow.story_id == Story.id)
        .where(Follow.account_id == letter.account_id, Follow.state == FOLLOWED, Story.id.in_(spans))
        .order_by(Story.id)
    )
    lines = []
    for story, count in session.execute(found):
        if count and FOLLOW in wanted:
            lines.append(Line(FOLLOW, count, story))
        else:
            _untold(session, letter, story.id, *spans[story.id])
    return lines


def _untold(session: Session, letter: Letter, story_id: int, after: int, last: int) -> None:
    """They have not been told of what the letter was written of, unless another told them more."""
    theirs = Follow.account_id == letter.account_id, Follow.story_id == story_id, Follow.told_count == last
    untold = update(Follow).where(*theirs).values(told_count=after)
    session.execute(untold.execution_options(synchronize_session=False))
