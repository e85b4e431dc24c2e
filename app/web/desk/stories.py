"""Editors name stories, and open, close or pre-moderate them."""

from typing import Literal

import msgspec
from flask import flash, redirect
from flask.typing import ResponseReturnValue

from app.accounts import permissions
from app.accounts.identity import Identity
from app.language import _
from app.models.story import STAFF
from app.stories import sites, stories
from app.stories.stories import Naming
from app.web import forms, present
from app.web.endpoint import endpoint, page
from app.web.present import StoryView
from app.web.services import services
from app.web.sites import SiteQuery

State = Literal["open", "closed", "premoderated"]


class PutStory(forms.Body):
    """The story's address on the paper's site, its title, and whether it takes comments."""

    url: str
    title: str
    state: State = "open"


class StateForm(msgspec.Struct):
    state: State


@endpoint(
    "PUT", "/api/v1/stories/<key:story>", "manage_stories", takes=PutStory, asks=SiteQuery, gives={200: StoryView}
)
def put_story(caller: Identity, body: PutStory, query: SiteQuery, story: str) -> StoryView:
    """Make the story of that key, or give it this address, title and state."""
    site = sites.by_key(services().database, query.site)
    permissions.require(caller, "manage_stories", site.id)
    with services().database.transaction() as session:
        put = stories.put(session, caller.actor_id, site, story, Naming(body.url, body.title, STAFF), body.state)
        session.refresh(put)
        return present.story(put)


@page("POST", "/stories/<story>/state", "manage_stories", takes=StateForm)
def turn_story(caller: Identity, form: StateForm, story: str) -> ResponseReturnValue:
    """Open, close or pre-moderate a story from its own page."""
    with services().database.transaction() as session:
        found = stories.by_id(session, forms.path_id(story))
        permissions.require(caller, "manage_stories", found.site_id)
        stories.turn(session, caller.actor_id, found, form.state)
    flash(_("The story is as you want it."), "good")
    return redirect(f"/stories/{found.id}", 303)
