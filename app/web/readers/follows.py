"""Follow a story, or hear nothing of it, by program and by form."""

from typing import Literal

import msgspec
from flask import flash, redirect
from flask.typing import ResponseReturnValue

from app.accounts.identity import Identity
from app.errors import NotFound
from app.language import _, mark
from app.notifications import follows
from app.stories import sites, stories
from app.web import forms
from app.web.endpoint import endpoint, page, refuses
from app.web.services import services
from app.web.sites import SiteQuery

State = Literal["followed", "muted"]
SAID = {
    "followed": mark("You follow this story: the bell counts what is new, and letters come as you have chosen."),
    "muted": mark("You hear no more of answers and mentions on this story."),
    "none": mark("You follow this story no more, and hear of answers to you."),
}


class PutFollow(forms.Body):
    """`state`: "followed", to be told of every comment, or "muted", to be told of no answer and no mention."""

    state: State


class FollowForm(msgspec.Struct, kw_only=True):
    """`back`: the page that the button was on."""

    follow: Literal["followed", "muted", "none"] = "none"
    back: str = "/notifications"


@endpoint("PUT", "/api/v1/follows/<key:story>", "be_told", takes=PutFollow, asks=SiteQuery, gives={204: None})
@refuses("unknown_story", "too_many_followed")
def put_follow(caller: Identity, body: PutFollow, query: SiteQuery, story: str) -> None:
    """Be told of every comment on a story that has one, or of none."""
    site = sites.by_key(services().database, query.site)
    with services().database.transaction() as session:
        found = stories.find(session, site.id, story)
        if found is None:
            raise NotFound("unknown_story")
        follows.put(session, caller.account_id, found.id, body.state)


@endpoint("DELETE", "/api/v1/follows/<key:story>", "be_told", asks=SiteQuery, gives={204: None})
def delete_follow(caller: Identity, query: SiteQuery, story: str) -> None:
    """Follow a story no more, nor mute it."""
    site = sites.by_key(services().database, query.site)
    with services().database.transaction() as session:
        if found := stories.find(session, site.id, story):
            follows.drop(session, caller.account_id, found.id)


@page("POST", "/stories/<story>/follow", "be_told", takes=FollowForm)
def follow_form(caller: Identity, form: FollowForm, story: str) -> ResponseReturnValue:
    """Follow a story, mute it, or neither, by a button."""
    with services().database.transaction() as session:
        found = stories.by_id(session, forms.path_id(story))
        if form.follow == "none":
            follows.drop(session, caller.account_id, found.id)
        else:
            follows.put(session, caller.account_id, found.id, form.follow)
    flash(_(SAID[form.follow]), "good")
    return redirect(forms.local(form.back), 303)
