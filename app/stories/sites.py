"""The newspapers of an installation: rarely changed and read on every request, so they are kept for a moment."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.db import Database, find_locked
from app.errors import Conflict, NotFound
from app.ids import new_id
from app.language import mark
from app.models import Role, Site
from config.policy import HouseRules
from config.rules import SiteRules

KEPT_SECONDS = 5.0


@dataclass(frozen=True)
class SiteSnapshot:
    """A site as it was a moment ago: for routing and origins, never for what must be true at a write."""

    id: int
    key: str
    name: str
    origins: tuple[str, ...]
    policy: dict[str, Any]
    products: tuple[str, ...]
    seeks_common_ground: bool = False
    # those that let nobody write at another newspaper of the house
    own_products: tuple[str, ...] = ()


_kept: WeakKeyDictionary[Database, tuple[float, tuple[SiteSnapshot, ...]]] = WeakKeyDictionary()


def known(database: Database) -> tuple[SiteSnapshot, ...]:
    """All sites, the oldest first, at most KEPT_SECONDS old."""
    at, sites = _kept.get(database, (0.0, ()))
    if sites and time.monotonic() - at < KEPT_SECONDS:
        return sites
    with database.reading() as session:
        rows = session.scalars(select(Site).order_by(Site.id)).all()
        sites = tuple(_snapshot(row, rows) for row in rows)
    _kept[database] = (time.monotonic(), sites)
    return sites


def _snapshot(site: Site, all_sites: Sequence[Site]) -> SiteSnapshot:
    elsewhere = {product for other in all_sites if other is not site for product in other.products}
    own = tuple(product for product in site.products if product not in elsewhere)
    return SiteSnapshot(
        site.id,
        site.key,
        site.name,
        tuple(site.origins),
        site.policy,
        tuple(site.products),
        own_products=own,
        seeks_common_ground=site.seeks_common_ground,
    )


def by_key(database: Database, key: str | None) -> SiteSnapshot:
    """The site of that key; without a key the first one, so that one newspaper never needs to name itself.

    Raises NotFound.
    """
    for site in known(database):
        if key is None or site.key == key:
            return site
    raise NotFound("unknown_site")


def by_id(database: Database, site_id: int) -> SiteSnapshot:
    """The site of that id. Raises NotFound."""
    for site in known(database):
        if site.id == site_id:
            return site
    raise NotFound("unknown_site")


def is_allowed_origin(database: Database, origin: str) -> bool:
    """Whether pages of `origin` (scheme://host[:port]) may call the API."""
    return any(origin in site.origins for site in known(database))


def first_id(session: Session) -> int | None:
    """The oldest site, whose moderators are asked about what belongs to none; None before there is one."""
    return session.scalar(select(Site.id).order_by(Site.id).limit(1))


def at(session: Session, site_id: int) -> SiteSnapshot:
    """The site of that id as it is in this transaction."""
    rows = listed(session)
    return next(_snapshot(row, rows) for row in rows if row.id == site_id)


def rules_of(site: SiteSnapshot, house: HouseRules) -> SiteRules:
    """The rules at `site` as they were a moment ago: for telling a reader, never for what must be true at a write."""
    return house.at(site.policy)


def rules_at(session: Session, site_id: int, house: HouseRules) -> SiteRules:
    """The rules at a site as they hold in this transaction."""
    return house.at(session.get_one(Site, site_id).policy)


def asks_who_disagrees(site: SiteSnapshot | Site, house: HouseRules) -> bool:
    """Whether readers of a site are asked for the quiet reaction: common ground is wanted and is sought there."""
    return site.seeks_common_ground and house.at(site.policy).common_ground.enabled


def somewhere_asks_who_disagrees(database: Database, house: HouseRules) -> bool:
    """Whether that is so at any site."""
    return any(asks_who_disagrees(site, house) for site in known(database))


def rules_of_no_site(session: Session, house: HouseRules) -> SiteRules:
    """By what goes that belongs to no site, such as a name: the rules of the first one, whose moderators are asked."""
    site_id = first_id(session)
    return house.at({}) if site_id is None else rules_at(session, site_id, house)


def create(session: Session, key: str, name: str, origins: list[str], products: list[str]) -> Site:
    """Add a newspaper. Raises Conflict site_taken."""
    if session.scalar(select(Site.id).where(Site.key == key)) is not None:
        raise Conflict("site_taken", mark("There is a site of this key already."))
    site = Site(id=new_id(), key=key, name=name, origins=origins, products=products, policy={}, created_at=clock.now())
    session.add(site)
    session.flush()
    return site


def listed(session: Session) -> Sequence[Site]:
    """All sites as they are now, the oldest first."""
    return session.scalars(select(Site).order_by(Site.id)).all()


def named(session: Session, key: str) -> Site:
    """The site of that key as it is now, locked. Raises NotFound."""
    site = find_locked(session, Site, Site.key == key)
    if site is None:
        raise NotFound("unknown_site", mark("There is no site of this key."))
    return site


def remove(session: Session, key: str) -> None:
    """Take away a newspaper that nothing belongs to: what readers wrote is not deleted with a word.

    Raises NotFound, Conflict site_in_use.
    """
    site = named(session, key)
    in_use = Conflict("site_in_use", mark("This site has stories, staff or decisions. It stays."))
    if session.scalar(select(Role.id).where(Role.site_id == site.id).limit(1)) is not None:
        raise in_use
    session.delete(site)
    try:
        session.flush()
    except IntegrityError as error:
        raise in_use from error
