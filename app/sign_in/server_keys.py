"""Keys by which a newspaper's own systems act for it: made and revoked by the operator, shown once, kept as digests."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app import clock, ledger
from app.db import Database, insert_once
from app.digests import digest
from app.errors import Conflict, NotFound
from app.ids import new_id
from app.language import mark
from app.models import ServerKey, Site
from app.stories import sites
from config.settings import Settings

# lets those who search for leaked secrets know one of ours, and us tell it from a reader's token
PREFIX = "btlsk_"
NOTED_EVERY = timedelta(minutes=1)
UNKNOWN = mark("There is no key of this name in force.")


def create(session: Session, settings: Settings, site_key: str, name: str, scopes: Sequence[str]) -> str:
    """A new key of a site, good at once. Raises NotFound ("unknown_site"), Conflict (409, "key_exists")."""
    site, secret, key_id = sites.named(session, site_key), PREFIX + secrets.token_urlsafe(32), new_id()
    made = insert_once(
        session,
        ServerKey,
        id=key_id,
        site_id=site.id,
        name=name,
        digest=_digest(settings, secret),
        scopes=sorted(set(scopes)),
        created_at=clock.now(),
    )
    if not made:
        raise Conflict("key_exists", mark("A key of this name is in force. Revoke it first, or take another name."))
    ledger.append(session, ledger.Entry(None, "server_key.create", "server_key", key_id, site.id))
    return secret


def revoke(session: Session, site_key: str, name: str) -> None:
    """End a key; its next request is refused. Raises NotFound ("unknown_site", "unknown_key")."""
    site = sites.named(session, site_key)
    in_force = update(ServerKey).where(
        ServerKey.site_id == site.id, ServerKey.name == name, ServerKey.revoked_at.is_(None)
    )
    key_id = session.scalar(in_force.values(revoked_at=clock.now()).returning(ServerKey.id))
    if key_id is None:
        raise NotFound("unknown_key", UNKNOWN)
    ledger.append(session, ledger.Entry(None, "server_key.revoke", "server_key", key_id, site.id))


def listed(session: Session) -> Sequence[tuple[ServerKey, str]]:
    """All keys with the keys of their sites, the oldest first."""
    found = select(ServerKey, Site.key).join(Site, Site.id == ServerKey.site_id).order_by(ServerKey.id)
    return [(key, site_key) for key, site_key in session.execute(found)]


def find(database: Database, settings: Settings, secret: str) -> ServerKey | None:
    """The key in force with this secret; that it was used is noted once a minute."""
    now = clock.now()
    with database.reading() as session:
        ours = select(ServerKey).where(ServerKey.digest == _digest(settings, secret), ServerKey.revoked_at.is_(None))
        found = session.scalars(ours).first()
    if found is None or database.read_only:
        return found
    stale = or_(ServerKey.last_used_at.is_(None), ServerKey.last_used_at < now - NOTED_EVERY)
    if found.last_used_at is None or found.last_used_at < now - NOTED_EVERY:
        with database.transaction() as session:
            used = update(ServerKey).where(ServerKey.id == found.id, stale).values(last_used_at=now)
            session.execute(used.execution_options(synchronize_session=False))
    return found


def _digest(settings: Settings, secret: str) -> str:
    return digest(settings, "server_key", secret)
