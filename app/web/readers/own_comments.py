"""One's own comments, with their state and why they are in it: by program and as a page."""

from datetime import datetime

import msgspec
from flask import render_template

from app.accounts.identity import Identity
from app.language import _
from app.signals import families
from app.stories import permalinks, sites, stories
from app.text import markup
from app.threads import written
from app.threads.written import WrittenComment
from app.web import forms
from app.web.endpoint import endpoint, page, refuses
from app.web.readers import mine
from app.web.services import services


class WrittenView(msgspec.Struct):
    """A comment of the caller's: its `state`, `sentence` says why it is in it, `rule` is the title of the rule that it
    was taken down by and `statement` the id of the statement of reasons.
    """

    id: str
    story: str
    story_title: str
    state: str
    sentence: str
    rule: str | None
    statement: str | None
    text: str
    html: str
    respects: int
    replies: int
    created_at: datetime
    permalink: str


class WrittenSlice(msgspec.Struct):
    """The caller's comments at all newspapers of the house, the newest first; `next` is null on the last page."""

    comments: list[WrittenView]
    next: str | None


class WrittenQuery(msgspec.Struct, kw_only=True):
    cursor: forms.Cursor = None


@endpoint("GET", "/api/v1/me/comments", "use_account", asks=WrittenQuery, gives={200: WrittenSlice})
@refuses("bad_cursor")
def list_own_comments(caller: Identity, query: WrittenQuery) -> WrittenSlice:
    """What you have written, in every state, and why it is in it."""
    return _slice(caller, query)


@page("GET", "/account/comments", "use_account", asks=WrittenQuery)
def show_own_comments(caller: Identity, query: WrittenQuery) -> str:
    """What one has written."""
    return render_template("readers/own_comments.html", slice=_slice(caller, query), first=query.cursor is None)


def _slice(caller: Identity, query: WrittenQuery) -> WrittenSlice:
    with services().database.reading() as session:
        found, following = written.by(session, caller.account_id, query.cursor)
    return WrittenSlice([_view(each) for each in found], following)


def _view(each: WrittenComment) -> WrittenView:
    comment = each.comment
    rule = sites.rules_of(sites.by_id(services().database, comment.site_id), services().house).rule(each.rule or "")
    return WrittenView(
        id=str(comment.id),
        story=each.story.key,
        story_title=stories.headline(each.story),
        state=comment.state,
        sentence=_sentence(each),
        rule=rule.title if rule else None,
        statement=str(each.statement_id) if each.statement_id else None,
        text=comment.text,
        html=markup.render(comment.text),
        respects=comment.respect_count,
        replies=comment.reply_count,
        created_at=comment.created_at,
        permalink=permalinks.ours(services().settings.public_url, comment.id),
    )


def _sentence(each: WrittenComment) -> str:
    match each.comment.state:
        case "published":
            return _("Everyone reads it.")
        case "removed":
            return _("A moderator has removed it.")
        case "deleted":
            return _("You have taken it back.")
    reason = families.waiting(each.comment.state, each.reasons, each.outcome)
    return mine.why(reason, each.comment.state, each.comment.site_id)
