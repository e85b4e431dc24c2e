"""What one has been told: the bell, by program and as a page, and what it leads to."""

from datetime import datetime
from typing import Annotated

import msgspec
from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from app.accounts.identity import Identity
from app.models import Story
from app.models.letter_choice import FOLLOW
from app.models.notification import Notification
from app.notifications import bell, destinations, follows, sentences
from app.notifications.bell import Told
from app.notifications.follows import FollowedStory
from app.stories import sites, stories
from app.web import forms
from app.web.endpoint import endpoint, page, refuses
from app.web.services import services
from app.web.sites import SiteQuery

MOST_AT_ONCE = 1000


class NotificationView(msgspec.Struct):
    """Something that the caller was told. `kind`: reply, mention, published, pick, decision or report."""

    id: str
    kind: str
    sentence: str
    url: str
    created_at: datetime
    read: bool


class FollowedView(msgspec.Struct):
    """A story that the caller follows, and how many comments on it are new to them, up to 100."""

    key: str
    sentence: str
    url: str
    new: int


class NotificationsView(msgspec.Struct):
    """The newest notifications at a site, the stories there that are followed and have news, and how many of both are
    new to the caller.
    """

    unread: int
    notifications: list[NotificationView]
    followed: list[FollowedView]


class UnreadView(msgspec.Struct):
    """How much is still new to the caller at a site."""

    unread: int


class MarkRead(forms.Body):
    """What the caller has seen: the notifications up to that of the id `up_to`, or what is new on a `story` (its key),
    of which `comments` (ids) stand before them, or all; neither: all of them.
    """

    up_to: str | None = None
    story: str | None = None
    comments: Annotated[list[str], msgspec.Meta(max_length=MOST_AT_ONCE)] | None = None


class MarkReadForm(msgspec.Struct, kw_only=True):
    """`up_to`: the newest notification of the page that the button was on."""

    up_to: str | None = None


class EarlierQuery(msgspec.Struct, kw_only=True):
    """`before`: the id of a notification, for those that are older."""

    before: str | None = None


@endpoint("GET", "/api/v1/notifications", "be_told", asks=SiteQuery, gives={200: NotificationsView})
def list_notifications(caller: Identity, query: SiteQuery) -> NotificationsView:
    """What you have been told at this newspaper, the newest first."""
    site = sites.by_key(services().database, query.site)
    with services().database.reading() as session:
        told = bell.listed(session, caller.account_id, site.id)
        followed = follows.listed(session, caller.account_id, site.id)
        unread = bell.unread(session, caller.account_id, site.id)
    return NotificationsView(unread, [_view(each) for each in told], [_followed(each) for each in followed if each.new])


@endpoint("POST", "/api/v1/notifications/read", "be_told", takes=MarkRead, asks=SiteQuery, gives={200: UnreadView})
@refuses("not_found")
def mark_read(caller: Identity, body: MarkRead, query: SiteQuery) -> UnreadView:
    """Say that you have seen what you were told, so that it is not new any more and no letter about it is written."""
    site = sites.by_key(services().database, query.site)
    up_to = None if body.up_to is None else forms.path_id(body.up_to)
    with services().database.transaction() as session:
        if body.story is None:
            bell.read(session, caller.account_id, site.id, up_to)
        elif found := stories.find(session, site.id, body.story):
            if body.comments is None:
                bell.read_at(session, caller.account_id, found.id)
            else:
                bell.read_of(session, caller.account_id, [forms.path_id(each) for each in body.comments])
            follows.seen(session, caller.account_id, found.id)
        return UnreadView(bell.unread(session, caller.account_id, site.id))


@page("GET", "/notifications", "be_told", asks=EarlierQuery)
def show_notifications(caller: Identity, query: EarlierQuery) -> str:
    """What one has been told, and the stories that one follows."""
    before = None if query.before is None else forms.path_id(query.before)
    with services().database.reading() as session:
        told = bell.listed(session, caller.account_id, before=before)
        followed = follows.listed(session, caller.account_id) if before is None else []
    return render_template(
        "readers/notifications.html",
        told=[(each, sentences.told(each)) for each in told],
        followed=followed,
        sentence=sentences.followed,
        address=_conversation,
        earlier=told[-1].notification.id if len(told) == bell.MOST_SHOWN else None,
        first=before is None,
    )


@page("POST", "/notifications", "be_told", takes=MarkReadForm)
def submit_read(caller: Identity, form: MarkReadForm) -> ResponseReturnValue:
    """All that the page showed has been seen, and what is older."""
    up_to = None if form.up_to is None else forms.path_id(form.up_to)
    with services().database.transaction() as session:
        bell.read(session, caller.account_id, up_to=up_to)
    return redirect("/notifications", 303)


@page("GET", "/notifications/<notification>", "be_told")
def open_notification(caller: Identity, notification: str) -> ResponseReturnValue:
    """Go where a notification leads; it is not new any more."""
    with services().database.reading() as session:
        found = bell.find(session, caller.account_id, forms.path_id(notification))
        story = stories.by_id(session, found.story_id) if found.story_id else None
    if found.read_at is None and not services().database.read_only:
        with services().database.transaction() as session:
            bell.read_one(session, found.id)
    public_url = services().settings.public_url
    address = destinations.address(services().database, public_url, found.kind, found.subject_id, story)
    return redirect(address.removeprefix(public_url), 303)


def _view(told: Told) -> NotificationView:
    notification: Notification = told.notification
    return NotificationView(
        id=str(notification.id),
        kind=notification.kind,
        sentence=sentences.told(told),
        url=f"{services().settings.public_url}/notifications/{notification.id}",
        created_at=notification.created_at,
        read=notification.read_at is not None,
    )


def _followed(followed: FollowedStory) -> FollowedView:
    story = followed.story
    return FollowedView(story.key, sentences.followed(story, followed.new), _conversation(story), followed.new)


def _conversation(story: Story) -> str:
    return destinations.address(services().database, services().settings.public_url, FOLLOW, None, story)
