"""A reader posts a comment, or a reply: everything that is asked of it, in the order in which it is asked."""

from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from app import clock, formats
from app.comments import gate, nudge, rate_limits
from app.db import find_locked
from app.errors import Conflict, Forbidden, Malformed, NotFound
from app.ids import new_id
from app.language import mark
from app.models import Comment, Story
from app.models.comment import PUBLISHED
from app.screening import screen
from app.screening.screen import Screening
from app.signals.family import HELD_BY_MACHINE, WaitingReason, WrittenText
from app.stories import stories, terms
from app.stories.sites import SiteSnapshot
from app.stories.stories import Naming
from app.text import cleaning
from app.toxicity.scorer import Scoring
from config.policy import HouseRules

STORY_CLOSED = mark("Comments on this story are closed.")
OPEN_AGAIN = mark("Comments on this story are closed at this hour. They are open again at %(time)s.")
PARENT_GONE = mark("The comment you answer is not there any more.")
UNKNOWN_PARENT = mark("There is no such comment under this story.")


@dataclass(frozen=True)
class Destination:
    """Where a comment is to stand: under a story of a site, and under a comment if it is a reply.

    `naming` lets the first comment make its story, and the paper call it anew. `embedded`: it is written under the
    article.
    """

    site: SiteSnapshot
    story_key: str
    parent_id: int | None = None
    naming: Naming | None = None
    embedded: bool = False

    @property
    def action(self) -> str:
        """What writing there is in the table of permissions."""
        return "post" if self.parent_id is None else "reply"


@dataclass(frozen=True)
class Draft:
    """The text of a post or an edit: clean (text.cleaning), and scored before the transaction opens. `answer` is to the
    nudge, if its author has met one.
    """

    text: str
    scoring: Scoring
    answer: nudge.Answer = nudge.NONE


@dataclass(frozen=True)
class Posted:
    """The comment as it was written, and what the machine made of it."""

    comment: Comment
    screening: Screening

    @property
    def reason(self) -> WaitingReason | None:
        """Why nobody else sees it yet; None once they do."""
        if self.comment.state == PUBLISHED:
            return None
        return self.screening.reason or HELD_BY_MACHINE


def ask(session: Session, account_id: int, destination: Destination, house: HouseRules) -> None:
    """The cheap questions of `post`, the gate's and the pace's, asked without a lock before the text is scored.

    Raises what the gate raises, and TooMany. Three statements.
    """
    rules = gate.ask(session, account_id, destination.action, destination.site, house)
    rate_limits.check_rate(rate_limits.recent(session, account_id, rules.limits), rules.limits)


def post(session: Session, account_id: int, destination: Destination, draft: Draft, house: HouseRules) -> Posted:
    """Write `draft` as a comment at its destination, in the state that the verdict gives it.

    Raises what the gate raises, NotFound (unknown story), Forbidden (closed), Malformed and Conflict (parent), TooMany,
    Conflict (repeated, nudge); then nothing is written.
    """
    parent_id = destination.parent_id
    writer = gate.pass_gate(session, account_id, destination.action, destination.site, house)
    story = open_story(_story(session, destination), house)
    gate.require_title(session, writer, destination.site, story)
    parent = None if parent_id is None else _parent(session, story, parent_id)
    digest = cleaning.digest(draft.text)
    written = rate_limits.recent(session, writer.account.id, writer.rules.limits)
    rate_limits.check_rate(written, writer.rules.limits)
    # before the pace of the story: who sends again what had come learns that it is here, and not that they are to wait
    rate_limits.check_repeat(written, digest, writer.rules.limits)
    rate_limits.check_slow_mode(session, writer.account.id, story)
    screening = screen.judge(WrittenText(draft.text, draft.scoring, story), writer.rules)
    nudge.ask(screening, digest, draft.answer)
    comment = _comment(session, writer.account.id, story, parent, draft.text, digest)
    screen.carry_out(session, house, writer.rules, comment, screening, screening.state)
    if destination.naming is not None:
        stories.rename(session, destination.site, story, destination.naming)
    if destination.embedded:
        stories.note_embedded(session, story)
    return Posted(comment, screening)


def open_story(story: Story, house: HouseRules) -> Story:
    """`story`, unless it is closed, for good or at this hour (Forbidden).

    It is not locked: a comment that overtakes the closing by a moment might as well have come a moment earlier, and
    whoever locks the story early makes all of its readers wait.
    """
    opening = terms.opening(story, clock.now(), house.zone)
    if not opening.is_open and opening.until is not None:
        again = formats.moment_and_zone(opening.until.astimezone(house.zone))
        raise Forbidden("story_closed", OPEN_AGAIN, time=again, until=opening.until.isoformat())
    if not opening.is_open:
        raise Forbidden("story_closed", STORY_CLOSED)
    return story


def _story(session: Session, destination: Destination) -> Story:
    site, key = destination.site, destination.story_key
    if destination.naming is not None:
        return stories.ensure(session, site, key, destination.naming)
    story = stories.find(session, site.id, key)
    if story is None:
        raise NotFound("unknown_story")
    return story


def _parent(session: Session, story: Story, parent_id: int) -> Comment:
    """The comment that is answered, locked: it cannot be taken down before the reply is counted."""
    parent = find_locked(session, Comment, Comment.id == parent_id, Comment.story_id == story.id)
    if parent is None:
        raise Malformed("unknown_parent", UNKNOWN_PARENT, field="parent")
    if parent.state != PUBLISHED:
        raise Conflict("parent_gone", PARENT_GONE)
    return parent


def _comment(
    session: Session, account_id: int, story: Story, parent: Comment | None, text: str, digest: str
) -> Comment:
    now = clock.now()
    comment_id = new_id(now)
    return Comment(
        id=comment_id,
        site_id=story.site_id,
        story_id=story.id,
        account_id=account_id,
        parent_id=parent.id if parent else None,
        root_id=parent.root_id if parent else comment_id,
        position=next_position(session, parent.root_id) if parent else 0,
        depth=parent.depth + 1 if parent else 0,
        text=text,
        text_digest=digest,
        origin="site",
        revision=1,
        created_at=now,
    )


def next_position(session: Session, root_id: int) -> int:
    """The place of one more comment in the conversation, whose root stays locked until it is written."""
    return session.scalars(
        update(Comment)
        .where(Comment.id == root_id)
        .values(last_position=Comment.last_position + 1)
        .returning(Comment.last_position)
        .execution_options(synchronize_session=False)
    ).one()
