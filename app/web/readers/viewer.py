"""Who looks at a page of comments, and what the page offers them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from flask import request
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app import clock, formats
from app.accounts.identity import ANONYMOUS, Identity
from app.comments import editing, gate, reactions
from app.comments.gate import Permission
from app.comments.posting import OPEN_AGAIN
from app.errors import Maintained, NotFound
from app.language import _, mark
from app.models import Account, Comment, Story
from app.models.comment import PUBLISHED
from app.models.role import MODERATOR
from app.stories import sites, terms
from app.stories.terms import Opening
from app.text import markup
from app.threads import mine
from app.threads.mine import Mine
from app.threads.thread_comments import ThreadComment
from app.web import steps
from app.web.readers.mine import WaitingView, waiting
from app.web.services import services
from config.rules import SiteRules

ANYBODY = mark("Everyone reads. Comments are written by subscribers, so please sign in to take part.")
STORY_CLOSED = mark("The conversation on this story has ended. It stays here to be read.")


# beyond so many, replies are folded: the same in web/embed/comment.js
REPLIES_SHOWN = 2


@dataclass(frozen=True)
class Viewer:
    """What the comments of one story are to whoever looks at them. `here`: the page they are on, to come back to it."""

    account_id: int
    name: str
    permission: Permission
    mine: Mine
    rules: SiteRules
    here: str
    moderates: bool
    story: Story

    @property
    def step(self) -> str:
        """What would let them write: see `step_of`."""
        return step_of(self.permission)

    @property
    def levels(self) -> int:
        """How deep replies are nested for them."""
        return self.rules.limits.depth_shown

    @property
    def shows_names(self) -> bool:
        """Whether the paper says whose name is the one they pay under."""
        return self.rules.payments.names != "free"

    @cached_property
    def asks_who_disagrees(self) -> bool:
        """Whether the paper's readers are asked who disagrees with a comment."""
        return sites.asks_who_disagrees(sites.by_id(services().database, self.story.site_id), services().house)

    @property
    def waiting(self) -> list[WaitingView]:
        """Their comments that nobody else sees yet."""
        return [waiting(comment, self.story.site_id) for comment in self.mine.waiting]

    def wrote(self, comment: ThreadComment) -> bool:
        """Whether a comment is theirs."""
        return comment.author is not None and comment.author.id == self.account_id

    def unfolds(self, root: ThreadComment) -> bool:
        """Whether the replies to a root stand open among other conversations: they are few, or one is theirs."""
        replies = list(_below(root))
        return len(replies) <= REPLIES_SHOWN or any(map(self.wrote, replies))

    def may_react(self, comment: ThreadComment) -> bool:
        """Whether they can say what they think of a comment by a button."""
        return self.permission.may_write and not self.wrote(comment) and reactions.is_open(comment.id, services().house)

    def editable_until(self, comment: ThreadComment) -> datetime | None:
        """Until when a comment of theirs can be edited; None if it cannot any more."""
        until = editing.editable_until(comment.created_at, self.rules)
        return until if self.permission.may_write and comment.state == PUBLISHED and until > clock.now() else None

    @staticmethod
    def render(text: str) -> str:
        """A comment's text as HTML that is safe on a page."""
        return markup.render(text)


def at_story(session: Session, caller: Identity, story_id: int) -> tuple[Story, Viewer]:
    """The story, and who looks at it. Raises NotFound. One statement; four for who is signed in."""
    return _arrive(session, caller, Story.id == story_id)


def at_comment(session: Session, caller: Identity, comment_id: int) -> tuple[Story, Viewer]:
    """The story of a comment, seen or not, and who looks at it. As `at_story`."""
    story_id = select(Comment.story_id).where(Comment.id == comment_id).scalar_subquery()
    return _arrive(session, caller, Story.id == story_id)


def step_of(permission: Permission) -> str:
    """What would let a reader write: a value of `steps.STEPS`; "none" if nothing does, or nothing need be done."""
    return "none" if permission.may_write else steps.of(permission.code)


def for_now(permission: Permission) -> Permission:
    """`permission`, or why nobody has it while nothing can be written."""
    if services().database.read_only:
        return Permission(False, Maintained.code, _(Maintained.sentence), None)
    return permission


def _arrive(session: Session, caller: Identity, which: ColumnElement[bool]) -> tuple[Story, Viewer]:
    with_account = select(Story, Account).outerjoin(Account, Account.id == caller.account_id)
    found = session.execute(with_account.where(which)).first()
    if found is None:
        raise NotFound
    story, account = found
    site = sites.by_id(services().database, story.site_id)
    rules = sites.rules_of(site, services().house)
    moderates = caller.has_role(MODERATOR, site.id)
    if caller is ANONYMOUS or account is None:
        permission, theirs = Permission(False, "sign_in_required", _(ANYBODY), None), Mine()
    else:
        permission = gate.may_write(session, account, site, services().house, story, staff=moderates)
        theirs = mine.of(session, account.id, story.id)
    opening = terms.opening(story, clock.now(), services().house.zone)
    if not opening.is_open:
        permission = Permission(False, "closed", _closed(opening), opening.until)
    return story, Viewer(caller.account_id, caller.name, for_now(permission), theirs, rules, _here(), moderates, story)


def _below(comment: ThreadComment) -> Iterator[ThreadComment]:
    for reply in comment.replies:
        yield reply
        yield from _below(reply)


def _closed(opening: Opening) -> str:
    if opening.until is None:
        return _(STORY_CLOSED)
    return _(OPEN_AGAIN, time=formats.moment_and_zone(opening.until.astimezone(services().house.zone)))


def _here() -> str:
    return request.full_path.rstrip("?")
