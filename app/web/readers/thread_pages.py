"""The pages on which comments are read: a story's, one comment's, and what follows in a conversation."""

from urllib.parse import urlencode

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.identity import Identity
from app.errors import NotFound
from app.notifications import bell, follows
from app.stories import permalinks, sites, stories
from app.text import markup
from app.threads import conversations, slices
from app.threads.slices import FIRST_REPLIES, PICKED, SORTS
from app.threads.thread_comments import ThreadComment
from app.web import forms
from app.web.endpoint import page
from app.web.readers import mine, structured_data, viewer
from app.web.readers.threads import RepliesQuery, ThreadQuery
from app.web.readers.viewer import Viewer
from app.web.services import services
from app.web.sites import SiteQuery


@page("GET", "/stories/<story>", "read", asks=ThreadQuery)
def show_thread(caller: Identity, query: ThreadQuery, story: str) -> str:
    """A story's comments, and the place to write one."""
    after = slices.place_of(query.cursor, query.sort)
    with services().database.reading() as session:
        found, who = viewer.at_story(session, caller, forms.path_id(story))
        shown = slices.of_story(session, found, query.sort, after, who.levels)
    _looked(who, shown.ids, found.id if query.cursor is None and query.sort != PICKED else None)
    public_url = services().settings.public_url
    address = _canonical(public_url, found.id, query)
    return render_template(
        "readers/thread.html",
        address=address,
        structured=structured_data.of_thread(public_url, address, found, shown.comments),
        site_id=found.site_id,
        story=found,
        viewer=who,
        slice=shown,
        sort=query.sort,
        sorts=SORTS,
        first=query.cursor is None,
    )


@page("GET", "/stories/by-key/<key:story>", "read", asks=SiteQuery)
def show_thread_by_key(_caller: Identity, query: SiteQuery, story: str) -> ResponseReturnValue:
    """The way from an article to its comments for who reads it without scripts: the paper knows its own key alone."""
    site = sites.by_key(services().database, query.site)
    with services().database.reading() as session:
        found = stories.find(session, site.id, story)
    if found is None:
        return render_template("readers/no_comments.html", site_id=site.id)
    return redirect(f"/stories/{found.id}")


@page("GET", "/comments/<comment>", "read")
def show_comment(caller: Identity, comment: str) -> ResponseReturnValue:
    """A comment between what it answers and its replies; to its author also while it waits. What is not to be read is
    not found, with the way to its story.
    """
    comment_id = forms.path_id(comment)
    with services().database.reading() as session:
        story, who = viewer.at_comment(session, caller, comment_id)
        try:
            context = conversations.context(session, conversations.find(session, comment_id), who.levels)
        except NotFound:
            context = None
        canonical = _where_it_is_found(session, context.comment) if context else None
    waiting = next((mine.waiting(each, story.site_id) for each in who.mine.waiting if each.id == comment_id), None)
    _looked(who, [comment_id])
    body = render_template(
        "readers/conversation.html",
        site_id=story.site_id,
        story=story,
        viewer=who,
        context=context,
        waiting=waiting,
        canonical=canonical,
        address=permalinks.ours(services().settings.public_url, comment_id),
        plain=markup.plain,
    )
    return body, 200 if context or waiting else NotFound.status


@page("GET", "/comments/<comment>/replies", "read", asks=RepliesQuery)
def show_replies(caller: Identity, query: RepliesQuery, comment: str) -> str:
    """What followed in a conversation after a comment."""
    comment_id = forms.path_id(comment)
    with services().database.reading() as session:
        story, who = viewer.at_comment(session, caller, comment_id)
        start = conversations.find(session, comment_id)
        shown = conversations.replies(session, start, conversations.place_of(query.cursor), who.levels)
    _looked(who, shown.ids)
    return render_template(
        "readers/replies.html", site_id=story.site_id, story=story, viewer=who, start=start, slice=shown
    )


def _canonical(public_url: str, story_id: int, query: ThreadQuery) -> str:
    """The one address of what a page shows. The first page is the story's in every order; a later page is another, and
    its cursor is one of its order, of which the usual one goes without saying.
    """
    address = f"{public_url}/stories/{story_id}"
    if query.cursor is None:
        return address
    order = {} if query.sort == ThreadQuery().sort else {"sort": query.sort}
    return f"{address}?{urlencode(order | {'cursor': query.cursor})}"


def _where_it_is_found(session: Session, comment: ThreadComment) -> str:
    """The one address of a comment for search engines: the story's page as long as that begins with it, then that
    of its conversation, and its own where that does not show it. One statement at most.
    """
    public_url = services().settings.public_url
    if slices.begins_with(session, comment):
        return f"{public_url}/stories/{comment.story_id}"
    return permalinks.ours(public_url, comment.root_id if comment.position <= FIRST_REPLIES else comment.id)


def _looked(who: Viewer, comment_ids: list[int], story_id: int | None = None) -> None:
    """What is on the page is not new any more to who looks at it: comments, and (None: no) the story as a whole."""
    if not who.mine.news or services().database.read_only:
        return
    with services().database.transaction() as session:
        bell.read_of(session, who.account_id, comment_ids)
        if story_id is not None:
            follows.seen(session, who.account_id, story_id)
