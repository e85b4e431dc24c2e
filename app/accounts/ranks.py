"""Rank: nobody decides on staff of the same or a higher rank. The one place that says who is above whom.

The rank of a role is its place among the roles (models.role), and of two that are alike the one at all sites is above
the one at a site. Whoever decides has the rank that they have at the site of the decision; whoever is decided on, the
highest that they have anywhere, since a sanction reaches everywhere, and have it while their roles are asleep, too.
Nobody is above themselves. Who has no role is below everybody who has one.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Forbidden
from app.language import mark
from app.models import Role
from app.models.role import ALL_SITES, ROLES

# place among the roles, and whether it is held at all sites
Rank = tuple[int, bool]
NO_RANK: Rank = (-1, False)
OUTRANKED = mark("This concerns staff of your rank or a higher one. It is for somebody above them to decide.")


class Ranks:
    """The ranks of some accounts, read at once."""

    def __init__(self, session: Session, account_ids: Iterable[int]) -> None:
        roles = select(Role.account_id, Role.role, Role.site_id).where(Role.account_id.in_(set(account_ids)))
        self._roles = session.execute(roles).all()

    def is_above(self, actor_id: int, account_id: int, site_id: int) -> bool:
        """Whether `actor_id` may decide on an account at a site, as far as rank goes."""
        theirs = self.highest(account_id)
        return theirs == NO_RANK or self.highest(actor_id, site_id) > theirs

    def highest(self, account_id: int, site_id: int | None = None) -> Rank:
        """The highest rank of an account that counts at a site; None: that it has anywhere."""
        held = [row for row in self._roles if row.account_id == account_id]
        counting = [row for row in held if site_id is None or row.site_id in (ALL_SITES, site_id)]
        return max(((ROLES.index(row.role), row.site_id == ALL_SITES) for row in counting), default=NO_RANK)


def is_above(session: Session, actor_id: int, account_id: int, site_id: int) -> bool:
    """Whether `actor_id` may decide on an account at a site, as far as rank goes."""
    return Ranks(session, (actor_id, account_id)).is_above(actor_id, account_id, site_id)


def is_staff(session: Session, account_id: int) -> bool:
    """Whether an account has a role anywhere, asleep or not."""
    return Ranks(session, (account_id,)).highest(account_id) != NO_RANK


def require_above(session: Session, actor_id: int, account_id: int, site_id: int) -> None:
    """Raise Forbidden (403, "outranked") unless `is_above`."""
    if not is_above(session, actor_id, account_id, site_id):
        raise Forbidden("outranked", OUTRANKED)
