"""Which newspaper a request is about, and the rules that hold there."""

from typing import Annotated

import msgspec

from app.errors import NotFound
from app.models import Comment
from app.stories import sites
from app.stories.sites import SiteSnapshot
from app.web.services import services
from config.rules import SiteRules


class SiteQuery(msgspec.Struct, kw_only=True):
    site: Annotated[str | None, msgspec.Meta(description="Key of the newspaper; without it the only or first one.")] = (
        None
    )


def site_of(comment_id: int) -> SiteSnapshot:
    """The site of a comment, which never changes. Raises NotFound."""
    with services().database.reading() as session:
        comment = session.get(Comment, comment_id)
    if comment is None:
        raise NotFound
    return sites.by_id(services().database, comment.site_id)


def rules_of(site: SiteSnapshot) -> SiteRules:
    """The house rules at `site`."""
    return sites.rules_of(site, services().house)
