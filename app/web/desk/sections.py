"""Editors say on what terms the stories of a section or tag take comments."""

import msgspec

from app.accounts import permissions
from app.accounts.identity import Identity
from app.models import Section
from app.stories import sections, sites
from app.stories.terms import Terms
from app.web import present
from app.web.desk.stories import PutTerms
from app.web.endpoint import endpoint, refuses
from app.web.present import Hours
from app.web.services import services
from app.web.sites import SiteQuery


class PutSection(PutTerms, kw_only=True):
    """On what terms its stories take comments where nothing else is said of them; `closes_after_days`: none so many
    days after a story came to be. What is left out is as usual.
    """

    closes_after_days: int | None = None


class SectionView(msgspec.Struct):
    """A section, and on what terms its stories take comments where nothing else is said of them."""

    key: str
    state: str
    hours: Hours | None
    closes_after_days: int | None
    slow_seconds: int
    message: str
    title_only: bool


class SectionsView(msgspec.Struct):
    """The sections of a newspaper, by their keys."""

    sections: list[SectionView]


@endpoint("GET", "/api/v1/sections", "manage_stories", asks=SiteQuery, gives={200: SectionsView})
def list_sections(caller: Identity, query: SiteQuery) -> SectionsView:
    """The sections whose stories have terms of their own."""
    site = sites.by_key(services().database, query.site)
    permissions.require(caller, "manage_stories", site.id)
    with services().database.reading() as session:
        return SectionsView([_view(section) for section in sections.listed(session, site.id)])


@endpoint(
    "PUT",
    "/api/v1/sections/<key:section>",
    "manage_stories",
    takes=PutSection,
    asks=SiteQuery,
    gives={200: SectionView},
)
@refuses("bad_key", "bad_hours", "bad_days", "bad_slow_mode", "bad_message", "no_own_products")
def put_section(caller: Identity, body: PutSection, query: SiteQuery, section: str) -> SectionView:
    """Say on what terms the stories of a section take comments that are put from now on."""
    site = sites.by_key(services().database, query.site)
    permissions.require(caller, "manage_stories", site.id)
    with services().database.transaction() as session:
        terms = body.over(Terms())
        return _view(sections.put(session, caller.actor_id, site, section, terms, body.closes_after_days))


@endpoint("DELETE", "/api/v1/sections/<key:section>", "manage_stories", asks=SiteQuery, gives={204: None})
@refuses("unknown_section")
def remove_section(caller: Identity, query: SiteQuery, section: str) -> None:
    """Forget a section; its stories keep their terms."""
    site = sites.by_key(services().database, query.site)
    permissions.require(caller, "manage_stories", site.id)
    with services().database.transaction() as session:
        sections.remove(session, caller.actor_id, site, section)


def _view(found: Section) -> SectionView:
    return SectionView(
        found.key,
        found.state,
        present.hours(found.opens, found.closes),
        found.closes_after_days,
        found.slow_seconds,
        found.message,
        found.title_only,
    )
