"""Rank: nobody decides on staff of the same or a higher rank. The one place that says who is above whom.

The rank of a role is its place among the roles (models.role), and of two that are alike the one at all sites is above
the one at a site. Whoever decides has the rank that they have at the site of the decision; whoever is decided on, the
highest that they have anywhere and under any account of their mailbox, since a sanction reaches everywhere and all of
these, and have it while their roles are asleep, too. Nobody is above themselves. Who has no role is below everybody who
has one.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import selves
from app.errors import Forbidden
from app.language import mark
from app.models import Role
from app.models.role import ALL_SITES, ROLES

# place among the roles, and whether it is held at all sites
Rank = tuple[int, bool]
NO_RANK: Rank = (-1, False)
OUTRANKED = mark("This concerns staff of your rank or a higher one. It is for somebody above them to decide.")


def is_above(session: Session, actor_id: int, account_id: int, site_id: int) -> bool:
    """Whether `actor_id` may decide on an account at a site, as far as rank goes."""
    theirs = _highest(session, selves.own(session, account_id))
    return theirs == NO_RANK or _highest(session, [actor_id], site_id) > theirs


def is_staff(session: Session, account_id: int) -> bool:
    """Whether the owner of an account has a role anywhere, asleep or not."""
    return _highest(session, selves.own(session, account_id)) != NO_RANK


def require_above(session: Session, actor_id: int, account_id: int, site_id: int) -> None:
    """Raise Forbidden (403, "outranked") unless `is_above`."""
    if not is_above(session, actor_id, account_id, site_id):
        raise Forbidden("outranked", OUTRANKED)


def _highest(session: Session, account_ids: Collection[int], site_id: int | None = None) -> Rank:
    """The highest rank of these accounts that counts at a site; None: that they have anywhere."""
    roles = session.execute(select(Role.role, Role.site_id).where(Role.account_id.in_(account_ids)))
    counting = [row for row in roles if site_id is None or row.site_id in (ALL_SITES, site_id)]
    return max(((ROLES.index(row.role), row.site_id == ALL_SITES) for row in counting), default=NO_RANK)
