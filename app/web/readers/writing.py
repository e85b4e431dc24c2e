"""Writing by program: post, reply, edit, take back."""

from datetime import datetime

import msgspec

from app import ids
from app.accounts.identity import Identity
from app.comments import editing, posting, submission
from app.comments.nudge import Answer
from app.comments.posting import Destination, Posted
from app.errors import Malformed
from app.models import Comment
from app.stories import sites, stories
from app.stories.sites import SiteSnapshot
from app.stories.stories import Naming
from app.text import markup, tree
from app.text.tree import Node
from app.threads import conversations
from app.web import forms, limits, present
from app.web.endpoint import endpoint, refuses
from app.web.present import AuthorView
from app.web.readers import mine
from app.web.services import services
from app.web.sites import SiteQuery, rules_of, site_of
from config.rules import SiteRules


class PostComment(forms.Body):
    """`parent`: id of the comment that is answered. `url` lets the first comment make its story, whose title that
    address stands in for until the paper names it; `title` and `signature`, by the paper's own page, do that.

    `confirm`: post it as it is although the author was asked to put it differently (409 "nudge"); it is then held for a
    moderator. `nudged`: what that refusal had under this name, so that the paper learns how many change their text.
    """

    text: str
    parent: str | None = None
    url: str | None = None
    title: str | None = None
    signature: str | None = None
    confirm: bool = False
    nudged: str = ""


class EditComment(forms.Body):
    """The new text; `confirm` and `nudged` as for a post."""

    text: str
    confirm: bool = False
    nudged: str = ""


class OwnComment(msgspec.Struct):
    """A comment as its author sees it. While it is not published, `reason` and `sentence` say why, and no `author` is
    shown to others.
    """

    id: str
    story_id: str
    parent_id: str | None
    state: str
    author: AuthorView | None
    reason: str | None
    sentence: str | None
    text: str
    html: str
    tree: list[Node | str]
    revision: int
    created_at: datetime
    edited_at: datetime | None
    editable_until: datetime


class OwnText(msgspec.Struct):
    """What the author of a comment typed, to edit it."""

    text: str
    revision: int
    editable_until: datetime


@endpoint(
    "POST", "/api/v1/stories/<key:story>/comments", "post", takes=PostComment, asks=SiteQuery, gives={201: OwnComment}
)
@refuses(
    "empty",
    "not_text",
    "too_long",
    "nudge",
    "repeated",
    "slow_mode",
    "other_title",
    "story_closed",
    "unknown_story",
    "unknown_parent",
    "parent_gone",
    "bad_key",
    "bad_title",
    "url_not_allowed",
)
def post_comment(caller: Identity, body: PostComment, query: SiteQuery, story: str) -> tuple[OwnComment, int]:
    """Post a comment or a reply. It comes back in the state that its author sees: published, held or withheld.

    A text has {limits.comment_characters} characters at most; one reader posts {limits.posts_per_minute} times a minute
    and {limits.posts_per_day} times a day at most. 409 `repeated` names the `comment` that says the same, and if it
    is a reply its `parent`: it may be this very one, of which only the answer was lost. After 409 `nudge` show the
    author what `detail` says, and send the text as they changed it, or as it was with `confirm`: then a moderator reads
    it before it appears.
    """
    site = sites.by_key(services().database, query.site)
    naming = None if body.url is None else _naming(site, story, body, body.url)
    destination = Destination(site, story, parent_of(body.parent), naming, embedded=bool(caller.embedded_at))
    posted = post(caller, destination, body.text, Answer(body.confirm, body.nudged))
    return view(posted, rules_of(site)), 201


@endpoint("GET", "/api/v1/comments/<comment>/own", "see_own", gives={200: OwnText})
@refuses("not_your_comment")
def show_own_text(caller: Identity, comment: str) -> OwnText:
    """The text of one's own comment as it was typed."""
    with services().database.reading() as session:
        found = editing.check_own(session.get(Comment, forms.path_id(comment)), caller.account_id)
    rules = rules_of(sites.by_id(services().database, found.site_id))
    return OwnText(found.text, found.revision, editing.editable_until(found.created_at, rules))


@endpoint("PATCH", "/api/v1/comments/<comment>", "edit", takes=EditComment, gives={200: OwnComment})
@refuses(
    "empty",
    "not_text",
    "too_long",
    "nudge",
    "repeated",
    "story_closed",
    "not_your_comment",
    "other_title",
    "not_editable",
    "edit_window_over",
)
def edit_comment(caller: Identity, body: EditComment, comment: str) -> OwnComment:
    """Edit one's own comment. The new text is checked as a new comment's would be.

    It can be edited for {limits.edit_minutes} minutes.
    """
    comment_id = forms.path_id(comment)
    site = site_of(comment_id)
    posted = edit(caller, site, comment_id, body.text, Answer(body.confirm, body.nudged))
    return view(posted, rules_of(site))


@endpoint("DELETE", "/api/v1/comments/<comment>", "delete_own", gives={204: None})
@refuses("not_your_comment", "taken_down")
def delete_comment(caller: Identity, comment: str) -> None:
    """Take one's own comment back. Replies stay, under a tombstone."""
    submission.delete(services(), caller.account_id, forms.path_id(comment))


def post(caller: Identity, destination: Destination, text: str, answer: Answer) -> Posted:
    """Post a text, which is an attempt whatever comes of it. Raises TooMany, and what `submission.post` raises."""
    limits.write(caller.account_id, rules_of(destination.site).limits.posts_per_minute)
    return submission.post(services(), caller.account_id, destination, text, answer)


def edit(caller: Identity, site: SiteSnapshot, comment_id: int, text: str, answer: Answer) -> Posted:
    """Edit a comment, which is an attempt as a post is. Raises TooMany, and what `submission.edit` raises."""
    limits.write(caller.account_id, rules_of(site).limits.posts_per_minute)
    return submission.edit(services(), caller.account_id, site, comment_id, text, answer)


def view(posted: Posted, rules: SiteRules) -> OwnComment:
    """What an author is told about a comment of theirs."""
    comment, reason = posted.comment, posted.reason
    return OwnComment(
        id=str(comment.id),
        story_id=str(comment.story_id),
        parent_id=ids.text(comment.parent_id),
        state=comment.state,
        author=_author(comment, rules),
        reason=reason.code if reason else None,
        sentence=mine.why(reason, comment.state, comment.site_id) if reason else None,
        text=comment.text,
        html=markup.render(comment.text),
        tree=tree.of(comment.text),
        revision=comment.revision,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        editable_until=editing.editable_until(comment.created_at, rules),
    )


def _author(comment: Comment, rules: SiteRules) -> AuthorView | None:
    with services().database.reading() as session:
        found = conversations.author_of(session, comment.id)
    return present.author(found, rules) if found else None


def _naming(site: SiteSnapshot, key: str, body: PostComment, url: str) -> Naming:
    return stories.naming_of(services().settings.sso_secret, site, key, url, body.title or "", body.signature)


def parent_of(text: str | None) -> int | None:
    """The id of the comment that is to be answered, if any. Raises Malformed."""
    if text is None:
        return None
    parent_id = ids.parse(text)
    if parent_id is None:
        raise Malformed("unknown_parent", posting.UNKNOWN_PARENT, field="parent")
    return parent_id
