"""Editors name stories, and open, close or pre-moderate them."""

from typing import Literal

from app.accounts import permissions
from app.accounts.identity import Identity
from app.stories import sites, stories
from app.stories.stories import Naming
from app.web import forms, present
from app.web.endpoint import endpoint
from app.web.present import StoryView
from app.web.services import services
from app.web.threads import SiteQuery


class PutStory(forms.Body):
    """The story's address on the paper's site, its title, and whether it takes comments."""

    url: str
    title: str
    state: Literal["open", "closed", "premoderated"] = "open"


@endpoint("PUT", "/api/v1/stories/<story>", "manage_stories", takes=PutStory, asks=SiteQuery, gives={200: StoryView})
def put_story(caller: Identity, body: PutStory, query: SiteQuery, story: str) -> StoryView:
    """Make the story of that key, or give it this address, title and state."""
    site = sites.by_key(services().database, query.site)
    permissions.require(caller, "manage_stories", site.id)
    with services().database.transaction() as session:
        put = stories.put(session, caller.account_id, site, story, Naming(body.url, body.title), body.state)
        session.refresh(put)
        return present.story(put)
