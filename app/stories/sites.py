"""The newspapers of an installation: rarely changed and read on every request, so they are kept for a moment."""

import time
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.errors import NotFound
from app.ids import new_id
from app.models import Site
from config.policy import Policy

KEPT_SECONDS = 5.0


@dataclass(frozen=True)
class Snapshot:
    """A site as it was a moment ago: for routing and origins, never for what must be true at a write."""

    id: int
    key: str
    name: str
    origins: tuple[str, ...]
    policy: dict[str, Any]
    products: tuple[str, ...]


_kept: WeakKeyDictionary[Database, tuple[float, tuple[Snapshot, ...]]] = WeakKeyDictionary()


def known(database: Database) -> tuple[Snapshot, ...]:
    """All sites, the oldest first, at most KEPT_SECONDS old."""
    at, sites = _kept.get(database, (0.0, ()))
    if sites and time.monotonic() - at < KEPT_SECONDS:
        return sites
    with database.reading() as session:
        rows = session.scalars(select(Site).order_by(Site.id)).all()
        sites = tuple(Snapshot(s.id, s.key, s.name, tuple(s.origins), s.policy, tuple(s.products)) for s in rows)
    _kept[database] = (time.monotonic(), sites)
    return sites


def by_key(database: Database, key: str | None) -> Snapshot:
    """The site of that key; without a key the first one, so that one newspaper never needs to name itself.

    Raises NotFound.
    """
    for site in known(database):
        if key is None or site.key == key:
            return site
    raise NotFound("unknown_site")


def by_id(database: Database, site_id: int) -> Snapshot:
    """The site of that id. Raises NotFound."""
    for site in known(database):
        if site.id == site_id:
            return site
    raise NotFound("unknown_site")


def is_allowed_origin(database: Database, origin: str) -> bool:
    """Whether pages of `origin` (scheme://host[:port]) may call the API."""
    return any(origin in site.origins for site in known(database))


def policy_of(site: Snapshot, policy: Policy) -> Policy:
    """The house rules as they hold at `site`."""
    return policy.overridden(site.policy)


def policy_at(session: Session, site_id: int, policy: Policy) -> Policy:
    """The house rules as they hold at a site now, for what must be true at a write."""
    return policy.overridden(session.get_one(Site, site_id).policy)


def create(session: Session, key: str, name: str, origins: list[str], products: list[str]) -> Site:
    """Add a newspaper."""
    site = Site(id=new_id(), key=key, name=name, origins=origins, products=products, policy={}, created_at=clock.now())
    session.add(site)
    session.flush()
    return site
