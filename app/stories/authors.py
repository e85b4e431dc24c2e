"""By whom an article is: whom the newspaper names, known by their mailboxes, so that they may sign up later."""

from collections.abc import Collection

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.db import insert_once
from app.errors import Malformed
from app.language import mark
from app.models import StoryAuthor

MOST = 10
MANY = mark("A story may have %(most)s authors.")


def check(mailboxes: Collection[str]) -> None:
    """Raise Malformed for more than there may be."""
    if len(mailboxes) > MOST:
        raise Malformed("too_many_authors", MANY, field="authors", most=MOST)


def put(session: Session, story_id: int, mailboxes: Collection[str]) -> None:
    """Let the story (locked) be by whom these mailboxes (accounts.emails.token) belong to, and by nobody else."""
    of_story = StoryAuthor.story_id == story_id
    session.execute(delete(StoryAuthor).where(of_story, StoryAuthor.mailbox.not_in(mailboxes)))
    for mailbox in mailboxes:
        insert_once(session, StoryAuthor, story_id=story_id, mailbox=mailbox)
