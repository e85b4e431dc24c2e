"""Writing by program: post, reply, edit, take back. The text is scored before the transaction opens."""

from datetime import datetime, timedelta

import msgspec

from app import ids
from app.accounts.identity import Identity
from app.comments import deleting, editing, posting
from app.comments.editing import Rewrite
from app.comments.posting import Draft, Posted
from app.errors import Malformed
from app.language import _
from app.stories import sites
from app.stories.sites import SiteSnapshot
from app.stories.stories import LONGEST_TITLE, Naming
from app.text import cleaning, markup
from app.toxicity.scorer import Scoring, Unavailable, known_as
from app.web import forms
from app.web.endpoint import endpoint
from app.web.services import services
from app.web.sites import SiteQuery, rules_of, site_of
from config.policy import SiteRules


class PostComment(forms.Body):
    """`parent`: id of the comment that is answered. `url` and `title` let the first comment make its story.

    `confirm`: post it although the author was asked to put it differently (409 "nudge").
    """

    text: str
    parent: str | None = None
    url: str | None = None
    title: str | None = None
    confirm: bool = False


class EditComment(forms.Body):
    """The new text; `confirm` as for a post."""

    text: str
    confirm: bool = False


class OwnComment(msgspec.Struct):
    """A comment as its author sees it. While it is not published, `reason` and `sentence` say why."""

    id: str
    story_id: str
    parent_id: str | None
    state: str
    reason: str | None
    sentence: str | None
    text: str
    html: str
    revision: int
    created_at: datetime
    edited_at: datetime | None
    editable_until: datetime


@endpoint(
    "POST", "/api/v1/stories/<story>/comments", "post", takes=PostComment, asks=SiteQuery, gives={201: OwnComment}
)
def post_comment(caller: Identity, body: PostComment, query: SiteQuery, story: str) -> tuple[OwnComment, int]:
    """Post a comment or a reply. It comes back in the state that its author sees: published, held or withheld."""
    site = sites.by_key(services().database, query.site)
    parent_id = parent_of(body.parent)
    naming = Naming(body.url, body.title or "") if body.url is not None else None
    return view(post(caller, site, story, body.text, parent_id, naming, body.confirm), rules_of(site)), 201


@endpoint("PATCH", "/api/v1/comments/<comment>", "edit", takes=EditComment, gives={200: OwnComment})
def edit_comment(caller: Identity, body: EditComment, comment: str) -> OwnComment:
    """Edit one's own comment. The new text is checked as a new comment's would be."""
    comment_id = forms.path_id(comment)
    site = site_of(comment_id)
    return view(edit(caller, site, comment_id, body.text, body.confirm), rules_of(site))


@endpoint("DELETE", "/api/v1/comments/<comment>", "delete_own", gives={204: None})
def delete_comment(caller: Identity, comment: str) -> None:
    """Take one's own comment back. Replies stay, under a tombstone."""
    delete(caller, forms.path_id(comment))


def post(
    caller: Identity,
    site: SiteSnapshot,
    story_key: str,
    text: str,
    parent_id: int | None = None,
    naming: Naming | None = None,
    confirmed: bool = False,
) -> Posted:
    """Check, score and post, as `posting.post` does."""
    rules = rules_of(site)
    text = cleaning.comment(text, rules.limits.comment_characters)
    # of what readers will see, not of its markup
    scoring, *of_title = _scored(markup.plain(text), *([naming.title[:LONGEST_TITLE]] if naming else ()))
    named = naming and _presentable(naming, of_title[0], rules)
    draft = Draft(story_key, text, scoring, parent_id, named, confirmed)
    with services().database.transaction() as session:
        return posting.post(session, caller.account_id, site, draft, services().house)


def edit(caller: Identity, site: SiteSnapshot, comment_id: int, text: str, confirmed: bool) -> Posted:
    """Check, score and edit, as `editing.edit` does."""
    rules = rules_of(site)
    text = cleaning.comment(text, rules.limits.comment_characters)
    rewrite = Rewrite(text, _scored(markup.plain(text))[0], confirmed)
    with services().database.transaction() as session:
        return editing.edit(session, caller.account_id, site, comment_id, rewrite, services().house)


def delete(caller: Identity, comment_id: int) -> int:
    """Take a comment back, as `deleting.delete_own` does, and return the id of its story."""
    with services().database.transaction() as session:
        return deleting.delete_own(session, caller.account_id, comment_id).story_id


def _scored(*texts: str) -> list[Scoring]:
    """What the scorer says of each text, all within one deadline."""
    scorer = services().scorer
    answer = scorer.score(texts, services().settings.scorer_deadline_ms / 1000)
    results = [answer] * len(texts) if isinstance(answer, Unavailable) else answer
    second = services().load_second_scorer is not None
    return [Scoring(known_as(scorer), result, second) for result in results]


def _presentable(naming: Naming, scoring: Scoring, rules: SiteRules) -> Naming:
    """`naming`, whose title came by way of a reader: one that would be held as a comment gives way to the address."""
    scores = {} if isinstance(scoring.result, Unavailable) else scoring.result.by_attribute()
    if scores and all(value < rules.thresholds[attribute].hold for attribute, value in scores.items()):
        return naming
    return Naming(naming.url, naming.url[:LONGEST_TITLE])


def view(posted: Posted, rules: SiteRules) -> OwnComment:
    """What an author is told about a comment of theirs."""
    comment, reason = posted.comment, posted.reason
    return OwnComment(
        id=str(comment.id),
        story_id=str(comment.story_id),
        parent_id=ids.text(comment.parent_id),
        state=comment.state,
        reason=reason.code if reason else None,
        sentence=_(reason.author) if reason else None,
        text=comment.text,
        html=markup.render(comment.text),
        revision=comment.revision,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        editable_until=comment.created_at + timedelta(minutes=rules.limits.edit_minutes),
    )


def parent_of(text: str | None) -> int | None:
    """The id of the comment that is to be answered, if any. Raises Malformed."""
    if text is None:
        return None
    parent_id = ids.parse(text)
    if parent_id is None:
        raise Malformed("unknown_parent", posting.UNKNOWN_PARENT, field="parent")
    return parent_id
