"""Editors name stories, and open, close or pre-moderate them."""

from datetime import datetime, time
from typing import Annotated, Literal

import msgspec
from flask import flash, redirect
from flask.typing import ResponseReturnValue

from app.accounts import emails, permissions
from app.accounts.identity import Identity
from app.language import _
from app.models.story import STAFF
from app.stories import sites, stories
from app.stories.stories import Naming
from app.stories.terms import Terms
from app.web import forms, present
from app.web.endpoint import endpoint, page
from app.web.present import StoryView
from app.web.services import services
from app.web.sites import SiteQuery

State = Literal["open", "closed", "premoderated"]
Hour = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["07:30"])]


class Hours(msgspec.Struct):
    """The hours of each day within which comments are taken, by the paper's clocks; a later one first is over night."""

    opens: Hour
    closes: Hour


class PutStory(forms.Body):
    """The story's address on the paper's site, its title, and on what terms it takes comments: whether, within which
    `hours` of the day, until when (`closes_at`), how many seconds from one comment of a reader to the next, and the
    paper's `message` before the place to write in. `title_only`: a subscription that lets its reader write at another
    newspaper of the house, too, is not enough. `authors`: the e-mail addresses of who has written the article.
    What is left out is as usual, whatever it was before.
    """

    url: str
    title: str
    authors: list[str] = msgspec.field(default_factory=list)
    state: State = "open"
    hours: Hours | None = None
    closes_at: datetime | None = None
    slow_seconds: int = 0
    message: str = ""
    title_only: bool = False

    @property
    def terms(self) -> Terms:
        """The terms in one."""
        hours = (
            [time.fromisoformat(each) for each in (self.hours.opens, self.hours.closes)] if self.hours else [None, None]
        )
        return Terms(
            state=self.state,
            opens=hours[0],
            closes=hours[1],
            closes_at=self.closes_at,
            slow_seconds=self.slow_seconds,
            message=self.message,
            title_only=self.title_only,
        )


class StateForm(msgspec.Struct):
    state: State


@endpoint(
    "PUT", "/api/v1/stories/<key:story>", "manage_stories", takes=PutStory, asks=SiteQuery, gives={200: StoryView}
)
def put_story(caller: Identity, body: PutStory, query: SiteQuery, story: str) -> StoryView:
    """Make the story of that key, or give it this address, title and state."""
    site = sites.by_key(services().database, query.site)
    permissions.require(caller, "manage_stories", site.id)
    mailboxes = tuple(emails.token(services().settings, emails.check(email)) for email in body.authors)
    naming = Naming(body.url, body.title, STAFF, mailboxes)
    with services().database.transaction() as session:
        put = stories.put(session, caller.actor_id, site, story, naming, body.terms)
        session.refresh(put)
        return present.story(put, services().house.zone)


@page("POST", "/stories/<story>/state", "manage_stories", takes=StateForm)
def turn_story(caller: Identity, form: StateForm, story: str) -> ResponseReturnValue:
    """Open, close or pre-moderate a story from its own page."""
    with services().database.transaction() as session:
        found = stories.by_id(session, forms.path_id(story))
        permissions.require(caller, "manage_stories", found.site_id)
        stories.turn(session, caller.actor_id, found, form.state)
    flash(_("The story is as you want it."), "good")
    return redirect(f"/stories/{found.id}", 303)
