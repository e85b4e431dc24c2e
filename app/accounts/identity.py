"""Who is calling, as far as a request's credentials tell."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, exists, select, true
from sqlalchemy.orm import Session

from app import clock
from app.accounts import standing
from app.db import insert_once, shared
from app.models import Account, EndedSession, Role
from app.models.account import ACTIVE
from app.models.base import Instant
from app.models.role import ALL_SITES, ROLES

# a session ends when nobody has used it for so long, and in any case so long after signing in
IDLE_LIMIT, ABSOLUTE_LIMIT = timedelta(days=7), timedelta(days=30)


@dataclass(frozen=True)
class Identity:
    """The caller of a request: an account with its staff roles as {site id (0: all): rank}, or ANONYMOUS.

    `embedded_at`: the id of the site whose page asks for its reader (0: the reader asks), in the session `session_id`
    until `until` (seconds since 1970) at the latest. It is no staff, whoever reads it.

    `key_id`: of the server key by which a system of the site `key_site` asks, for what its `scopes` allow; then there
    is no account.
    """

    account_id: int
    name: str = ""
    epoch: int = 0
    language: str | None = None
    roles: dict[int, int] = field(default_factory=dict)
    embedded_at: int = 0
    session_id: str = ""
    until: int = 0
    key_id: int = 0
    key_site: int = 0
    scopes: frozenset[str] = frozenset()

    def has_role(self, role: str, site_id: int | None = None) -> bool:
        """Whether the caller has `role` or a higher one at the site (None: at any site)."""
        sites = self.roles if site_id is None else (ALL_SITES, site_id)
        return any(self.roles.get(site, -1) >= ROLES.index(role) for site in sites)

    def works_at(self, site_id: ColumnElement[int]) -> ColumnElement[bool]:
        """In SQL: whether the caller has a role at the site of a row."""
        return true() if ALL_SITES in self.roles else site_id.in_(self.roles)

    def embedded(self, site_id: int, session_id: str, until: int) -> "Identity":
        """The same reader, as a page of that site may ask for them: without any role, in a session that ends."""
        if not self.account_id:
            return self
        return replace(self, roles={}, embedded_at=site_id, session_id=session_id, until=until)

    @property
    def actor_id(self) -> int:
        """Who did it, in the ledger: an account, or a server key. An id is of one row in all tables."""
        return self.account_id or self.key_id

    @property
    def is_staff(self) -> bool:
        """Whether the caller has any role."""
        return bool(self.roles)


ANONYMOUS = Identity(account_id=0)


def load(session: Session, account_id: int, epoch: int, session_id: str = "") -> Identity:
    """The identity that a cookie or token speaks for; ANONYMOUS once its epoch is over or the account is gone.

    So it is once somebody has signed out of the session, if it is a cookie's. Roles are asleep while their bearer is
    not in good standing (accounts.standing): whoever is banned or suspended, or has a warning to read, decides about
    nobody.
    """
    asked = {"account": account_id, "epoch": epoch, "session_id": session_id, "now": clock.now()}
    rows = session.execute(_statement(), asked).all()
    if not rows:
        return ANONYMOUS
    roles: dict[int, int] = {}
    for _name, _language, site_id, role in rows:
        if role is not None:
            roles[site_id] = max(roles.get(site_id, -1), ROLES.index(role))
    return Identity(account_id, rows[0].name, epoch, rows[0].language, roles)


def end(session: Session, session_id: str) -> None:
    """Sign out of one session, in which nobody is signed in from now on; others of the account stay."""
    insert_once(session, EndedSession, session_id=session_id, ended_at=clock.now())


@cache
def _statement() -> Select[str, str | None, int, str]:
    """Built once, as every request with credentials begins with it."""
    good = standing.is_good(bindparam("account"), bindparam("now", type_=Instant()))
    return shared(
        select(Account.name, Account.language, Role.site_id, Role.role)
        .outerjoin(Role, (Role.account_id == Account.id) & good)
        .where(Account.id == bindparam("account"), Account.session_epoch == bindparam("epoch"), Account.state == ACTIVE)
        .where(~exists().where(EndedSession.session_id == bindparam("session_id")))
    )
