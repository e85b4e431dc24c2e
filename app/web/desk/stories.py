"""Editors name stories, and open, close or pre-moderate them."""

from datetime import datetime, time
from typing import Literal

import msgspec
from flask import flash, redirect
from flask.typing import ResponseReturnValue
from msgspec.structs import replace

from app.accounts import emails, permissions
from app.accounts.identity import Identity
from app.comments import posting
from app.errors import Forbidden
from app.language import _
from app.models.story import CLOSED, STAFF
from app.stories import sections, sites, stories
from app.stories.stories import Naming
from app.stories.terms import Terms
from app.web import forms, present
from app.web.endpoint import endpoint, page, refuses
from app.web.present import Hours, StoryView
from app.web.services import services
from app.web.sites import SiteQuery

State = Literal["open", "closed", "premoderated"]


class PutTerms(forms.Body):
    """On what terms comments are taken: whether, within which `hours` of the day, how many seconds from one comment of
    a reader to the next, and the paper's `message` before the place to write in. `title_only`: a subscription that lets
    its reader write at another newspaper of the house, too, is not enough.
    """

    state: State | None = None
    hours: Hours | None = None
    slow_seconds: int | None = None
    message: str | None = None
    title_only: bool | None = None

    def over(self, usual: Terms) -> Terms:
        """These terms; what is left out is as `usual`."""
        hours = {name: time.fromisoformat(getattr(self.hours, name)) for name in ("opens", "closes") if self.hours}
        said = {name: getattr(self, name, None) for name in Terms.__struct_fields__} | hours
        return replace(usual, **{name: value for name, value in said.items() if value is not None})


class PutStory(PutTerms, kw_only=True):
    """The story's address on the paper's site, its title, and on what terms it takes comments: none from `closes_at`
    on. `authors`: the e-mail addresses of who has written the article. What is left out of its terms is as its
    `section` has it, or as usual, whatever it was before.
    """

    url: str
    title: str
    authors: list[str] = msgspec.field(default_factory=list)
    section: str | None = None
    closes_at: datetime | None = None


class StateForm(msgspec.Struct):
    state: State


@endpoint(
    "PUT", "/api/v1/stories/<key:story>", "manage_stories", takes=PutStory, asks=SiteQuery, gives={200: StoryView}
)
@refuses(
    "bad_key",
    "bad_title",
    "url_not_allowed",
    "bad_hours",
    "bad_slow_mode",
    "bad_message",
    "unknown_section",
    "no_own_products",
    "too_many_authors",
    "email_malformed",
)
def put_story(caller: Identity, body: PutStory, query: SiteQuery, story: str) -> StoryView:
    """Make the story of that key, or give it this address, title and state."""
    site = sites.by_key(services().database, query.site)
    permissions.require(caller, "manage_stories", site.id)
    mailboxes = tuple(emails.token(services().settings, emails.check(email)) for email in body.authors)
    naming = Naming(body.url, body.title, STAFF, mailboxes)
    with services().database.transaction() as session:
        terms = body.over(sections.usual(session, site, body.section, story))
        put = stories.put(session, caller.actor_id, site, story, naming, terms)
        session.refresh(put)
        return present.story(put, services().house.zone)


@page("POST", "/stories/<story>/state", "manage_stories", takes=StateForm)
def turn_story(caller: Identity, form: StateForm, story: str) -> ResponseReturnValue:
    """Open, close or pre-moderate a story from its own page."""
    with services().database.transaction() as session:
        found = stories.by_id(session, forms.path_id(story))
        permissions.require(caller, "manage_stories", found.site_id)
        stories.turn_now(session, caller.actor_id, found, form.state)
    try:
        if form.state != CLOSED:
            posting.open_story(found, services().house)
        flash(_("The story is as you want it."), "good")
    except Forbidden as by_its_hours:
        flash(by_its_hours.detail(), "warn")
    return redirect(f"/stories/{found.id}", 303)
