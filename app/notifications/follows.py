"""Which stories a reader follows, or wants to hear nothing of, and how much they have seen of them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, exists, func, select, update
from sqlalchemy.orm import Session

from app import clock
from app.accounts import standing
from app.db import insert, insert_once
from app.errors import Conflict
from app.language import mark
from app.models import Account, Comment, Follow, Mute, Story, StoryAuthor
from app.models.account import ACTIVE
from app.models.comment import PUBLISHED
from app.models.follow import FOLLOWED

MOST = 500
# of more comments on a story, the bell says no more than this
MOST_COUNTED = 100


@dataclass(frozen=True)
class FollowedStory:
    """A story that a reader follows, and how many comments it has that are new to them, of MOST_COUNTED at most."""

    story: Story
    new: int


def put(session: Session, account_id: int, story_id: int, state: str) -> None:
    """Follow a story, or mute it ("followed", "muted"); a second time changes nothing.

    Raises SignInRequired, Conflict for more than MOST ("too_many_followed").
    """
    standing.lock(session, account_id)
    others = select(func.count()).where(Follow.account_id == account_id, Follow.story_id != story_id)
    if (session.scalar(others) or 0) >= MOST:
        sentence = mark("You follow or have muted %(most)s stories, which is all there is room for.")
        raise Conflict("too_many_followed", sentence, most=MOST)
    seen = session.scalar(select(Story.published_count).where(Story.id == story_id)) or 0
    row = insert(session, Follow).values(
        account_id=account_id, story_id=story_id, state=state, seen_count=seen, told_count=seen, created_at=clock.now()
    )
    key = [Follow.account_id, Follow.story_id]
    session.execute(
        row.on_conflict_do_update(
            index_elements=key,
            set_={"state": state, "seen_count": seen, "due_at": None},
            where=Follow.state != state,
        )
    )


def begin_by_authors(session: Session, comment: Comment) -> None:
    """Whoever has written the article of `comment`, which is published now, follows it from here on, until they say
    otherwise.
    """
    known = (
        select(StoryAuthor, Account.id)
        .join(Account, Account.email_token == StoryAuthor.mailbox)
        .where(StoryAuthor.story_id == comment.story_id, StoryAuthor.account_id.is_(None))
        .where(Account.verified_at.is_not(None), Account.state == ACTIVE)
    )
    found = session.execute(known).all()
    if not found:
        return
    seen = (comment.published_number or 1) - 1
    for author, account_id in found:
        author.account_id = account_id
        insert_once(
            session,
            Follow,
            account_id=account_id,
            story_id=comment.story_id,
            state=FOLLOWED,
            seen_count=seen,
            told_count=seen,
            created_at=clock.now(),
        )


def drop(session: Session, account_id: int, story_id: int) -> None:
    """Follow the story no more, nor mute it."""
    session.execute(delete(Follow).where(Follow.account_id == account_id, Follow.story_id == story_id))


def seen(session: Session, account_id: int, story_id: int) -> None:
    """The reader has looked at the story: no comment there is one more since they did, and no letter about those is
    due. What they were told of single ones is read where those are (bell.read_of).
    """
    present = select(Story.published_count).where(Story.id == story_id).scalar_subquery()
    looked = update(Follow).where(Follow.account_id == account_id, Follow.story_id == story_id)
    session.execute(looked.values(seen_count=present, due_at=None).execution_options(synchronize_session=False))


def listed(session: Session, account_id: int, site_id: int | None = None) -> list[FollowedStory]:
    """The stories that an account follows (of one site), those with news first. One statement."""
    counted = select(func.count()).select_from(unseen(clock.now()).limit(MOST_COUNTED).subquery()).scalar_subquery()
    new = case((Story.published_count > Follow.seen_count, counted), else_=0)
    found = (
        select(Story, new.label("new"))
        .join(Follow, Follow.story_id == Story.id)
        .where(Follow.account_id == account_id, Follow.state == FOLLOWED)
        .order_by(new.desc(), Story.id.desc())
    )
    if site_id is not None:
        found = found.where(Story.site_id == site_id)
    return [FollowedStory(story, new) for story, new in session.execute(found)]


def unseen(now: Any, *which: ColumnElement[bool]) -> Select[int]:
    """In SQL: the comments on a followed story (the Follow of a row around) that are new to its reader: published since
    they looked, still there, not by themselves, nor by anybody who is banned or whom they have muted.
    """
    muted = exists().where(Mute.account_id == Follow.account_id, Mute.muted_id == Comment.account_id)
    return (
        select(Comment.id)
        .where(Comment.story_id == Follow.story_id, Comment.state == PUBLISHED, *which)
        .where(Comment.published_number > Follow.seen_count, Comment.account_id != Follow.account_id)
        .where(~muted.correlate_except(Mute), ~standing.is_banned(Comment.account_id, now))
        .correlate(Follow, Story)
    )
