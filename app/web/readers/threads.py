"""Reading a story's comments: pages, permalinks, replies, counts. The same body for everyone."""

from typing import Annotated

import msgspec
from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import ids
from app.accounts.identity import Identity
from app.errors import Malformed, NotFound
from app.language import mark
from app.models import Comment, Story
from app.stories import sites, stories
from app.threads import conversations, counts, newest, slices
from app.threads.slices import SortName
from app.web import forms, present, shared_bodies
from app.web.endpoint import refuses, shared_endpoint
from app.web.present import CommentView, SiteRulesView, StoryView
from app.web.services import services
from app.web.sites import SiteQuery
from config.rules import SiteRules


class ThreadQuery(SiteQuery, kw_only=True):
    sort: Annotated[SortName, msgspec.Meta(description="What comes first.")] = "newest"
    cursor: forms.Cursor = None


class RepliesQuery(msgspec.Struct, kw_only=True):
    cursor: forms.Cursor = None


class CountsQuery(SiteQuery, kw_only=True):
    """Of which stories: one of the two must be given."""

    keys: Annotated[str, msgspec.Meta(description="The keys of stories that have no comma, with commas between.")] = ""
    key: list[Annotated[str, msgspec.Meta(description="The key of a story, whatever is in it; once for each.")]] = (
        msgspec.field(default_factory=list)
    )
    since: Annotated[str, msgspec.Meta(description="The id of a comment: says how many are younger, too.")] = ""


class ThreadView(msgspec.Struct):
    """A page of a story's comments, and the rules by which they are written; `story` is null until the first comment,
    `next` on the last page. `newest` is the id of the youngest comment that is published on the story.
    """

    story: StoryView | None
    house: SiteRulesView
    sort: SortName
    comments: list[CommentView]
    next: str | None
    newest: str | None


class ConversationView(msgspec.Struct):
    """A comment, and where it stands in its conversation: root and ancestors above it, its first replies below."""

    comment: CommentView
    conversation: list[CommentView]


class RepliesView(msgspec.Struct):
    """What follows in a conversation, in order of arrival."""

    comments: list[CommentView]
    next: str | None


class CountsView(msgspec.Struct, omit_defaults=True):
    """Published comments by key; `new`, if it was asked for: how many of them are younger than `since`, up to a
    hundred.
    """

    counts: dict[str, int]
    new: dict[str, int] | None = None


@shared_endpoint("/api/v1/stories/<key:story>/comments", "read", asks=ThreadQuery, gives={200: ThreadView})
@refuses("bad_cursor")
def list_comments(_caller: Identity, query: ThreadQuery, story: str) -> Response:
    """A page of a story's comments, each with its first replies."""
    site = sites.by_key(services().database, query.site)
    rules = sites.rules_of(site, services().house)
    after = slices.place_of(query.cursor, query.sort)
    with services().database.reading() as session:
        found = stories.find(session, site.id, story)
        house = present.site_rules(
            rules,
            reaction_days=services().house.retention.reactions_days,
            disagreement=sites.asks_who_disagrees(site, services().house),
        )
        tag = shared_bodies.tag(found, query.sort, after, rules.payments.names, shared_bodies.mark(house))
        if unchanged := shared_bodies.not_modified(tag):
            return unchanged
        part, youngest = slices.EMPTY, None
        if found:
            youngest = newest.id_of(session, found.id)
            part = slices.of_story(session, found, query.sort, after, rules.limits.depth_shown)
    comments = present.comments(part.comments, services().settings.public_url, rules)
    return shared_bodies.answer(
        ThreadView(
            story=present.story(found, services().house.zone) if found else None,
            house=house,
            sort=query.sort,
            comments=comments,
            next=part.next,
            newest=ids.text(youngest),
        ),
        tag,
    )


@shared_endpoint("/api/v1/stories/<key:story>", "read", asks=SiteQuery, gives={200: StoryView})
@refuses("unknown_story")
def show_story(_caller: Identity, query: SiteQuery, story: str) -> Response:
    """A story and its count."""
    site = sites.by_key(services().database, query.site)
    with services().database.reading() as session:
        found = stories.find(session, site.id, story)
    if found is None:
        raise NotFound("unknown_story")
    tag = shared_bodies.tag(found, "story")
    return shared_bodies.not_modified(tag) or shared_bodies.answer(present.story(found, services().house.zone), tag)


@shared_endpoint("/api/v1/comments/<comment>", "read", gives={200: ConversationView})
def show_comment(_caller: Identity, comment: str) -> Response:
    """A comment in its conversation."""
    comment_id = forms.path_id(comment)
    with services().database.reading() as session:
        story = story_of(session, comment_id)
        rules = rules_of(story)
        tag = shared_bodies.tag(story, comment_id, rules.payments.names)
        if unchanged := shared_bodies.not_modified(tag):
            return unchanged
        target = conversations.find(session, comment_id)
        found = conversations.context(session, target, rules.limits.depth_shown)
    public_url = services().settings.public_url
    conversation = present.comments(found.conversation, public_url, rules)
    shown = present.comment(found.comment, public_url, rules)
    return shared_bodies.answer(ConversationView(shown, conversation), tag)


@shared_endpoint("/api/v1/comments/<comment>/replies", "read", asks=RepliesQuery, gives={200: RepliesView})
@refuses("bad_cursor")
def list_replies(_caller: Identity, query: RepliesQuery, comment: str) -> Response:
    """What followed in the conversation after a comment."""
    comment_id = forms.path_id(comment)
    after = conversations.place_of(query.cursor)
    with services().database.reading() as session:
        story = story_of(session, comment_id)
        rules = rules_of(story)
        tag = shared_bodies.tag(story, "replies", comment_id, after, rules.payments.names)
        if unchanged := shared_bodies.not_modified(tag):
            return unchanged
        start = conversations.find(session, comment_id)
        part = conversations.replies(session, start, after, rules.limits.depth_shown)
    comments = present.comments(part.comments, services().settings.public_url, rules)
    return shared_bodies.answer(RepliesView(comments, part.next), tag)


@shared_endpoint("/api/v1/counts", "read", asks=CountsQuery, gives={200: CountsView})
@refuses("too_many_keys")
def count_comments(_caller: Identity, query: CountsQuery) -> Response:
    """How many comments each of up to 100 stories has."""
    keys = [key for key in [*query.keys.split(","), *query.key] if key]
    if not query.keys and not query.key:
        raise Malformed(field="keys")
    if len(keys) > counts.MOST_KEYS:
        raise Malformed(
            "too_many_keys", mark("Ask for at most %(most)s stories at once."), field="keys", most=counts.MOST_KEYS
        )
    since = ids.parse(query.since)
    if query.since and since is None:
        raise Malformed(field="since")
    site = sites.by_key(services().database, query.site)
    with services().database.reading() as session:
        found = counts.of(session, site.id, keys)
        new = None if since is None else counts.new(session, site.id, keys, since)
    tag = shared_bodies.tag(None, *found.values(), *(new or {}).values())
    return shared_bodies.not_modified(tag) or shared_bodies.answer(CountsView(found, new), tag)


def rules_of(story: Story) -> SiteRules:
    """The house rules at the site of `story`."""
    return sites.rules_of(sites.by_id(services().database, story.site_id), services().house)


def story_of(session: Session, comment_id: int) -> Story:
    """The story of a comment, seen or not. Raises NotFound. One statement."""
    found = session.scalars(select(Story).join(Comment, Comment.story_id == Story.id).where(Comment.id == comment_id))
    story = found.first()
    if story is None:
        raise NotFound
    return story
