"""Rank: nobody decides on staff of the same or a higher rank. The one place that says who is above whom.

The rank of a role is its place among the roles (models.role), and of two that are alike the one at all sites is above
the one at a site. Whoever decides has the rank that they have at the site of the decision; whoever is decided on, the
highest that they have anywhere and under any account of their mailbox, since a sanction reaches everywhere and all of
these, and have it while their roles are asleep, too. Nobody is above themselves. Who has no role is below everybody who
has one.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select
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


class Ranks:
    """The ranks of some accounts and of their owners, read at once."""

    def __init__(self, session: Session, account_ids: Iterable[int]) -> None:
        all_of = selves.of_mailboxes(set(account_ids))
        roles = select(all_of.c.account, Role.account_id, Role.role, Role.site_id).join(
            Role, Role.account_id == all_of.c.id
        )
        self._roles = session.execute(roles).all()

    def is_above(self, actor_id: int, account_id: int, site_id: int) -> bool:
        """Whether `actor_id` may decide on an account at a site, as far as rank goes."""
        theirs = self.of_owner(account_id)
        return theirs == NO_RANK or self.at(actor_id, site_id) > theirs

    def of_owner(self, account_id: int) -> Rank:
        """The highest rank that the owner of an account has anywhere."""
        return _highest(row for row in self._roles if row.account == account_id)

    def at(self, account_id: int, site_id: int) -> Rank:
        """The highest rank of an account itself that counts at a site."""
        own = (row for row in self._roles if row.account == row.account_id == account_id)
        return _highest(row for row in own if row.site_id in (ALL_SITES, site_id))


def is_above(session: Session, actor_id: int, account_id: int, site_id: int) -> bool:
    """Whether `actor_id` may decide on an account at a site, as far as rank goes."""
    return Ranks(session, (actor_id, account_id)).is_above(actor_id, account_id, site_id)


def is_staff(session: Session, account_id: int) -> bool:
    """Whether the owner of an account has a role anywhere, asleep or not."""
    return Ranks(session, (account_id,)).of_owner(account_id) != NO_RANK


def require_above(session: Session, actor_id: int, account_id: int, site_id: int) -> None:
    """Raise Forbidden (403, "outranked") unless `is_above`."""
    if not is_above(session, actor_id, account_id, site_id):
        raise Forbidden("outranked", OUTRANKED)


def _highest(roles: Iterable[Row[Any]]) -> Rank:
    return max(((ROLES.index(row.role), row.site_id == ALL_SITES) for row in roles), default=NO_RANK)
