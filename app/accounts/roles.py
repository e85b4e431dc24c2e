"""Staff roles: given and taken, each time with a line in the ledger. They hold from the next request on."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app import clock, ledger
from app.db import insert_once
from app.ids import new_id
from app.models import Account, Role
from app.models.role import ALL_SITES


def grant(session: Session, account: Account, role: str, *, site_id: int = ALL_SITES, actor_id: int | None) -> None:
    """Give `account` a role at one site or at all. `actor_id` None: whoever runs the command line."""
    values = {"account_id": account.id, "site_id": site_id, "role": role, "created_at": clock.now()}
    if insert_once(session, Role, id=new_id(), **values):
        _record(session, actor_id, "role.grant", account.id, site_id, role)


def revoke(session: Session, account: Account, role: str, *, site_id: int = ALL_SITES, actor_id: int | None) -> None:
    """Take a role away; nothing happens if `account` does not hold it there."""
    held = delete(Role).where(Role.account_id == account.id, Role.site_id == site_id, Role.role == role)
    if session.execute(held.returning(Role.id)).first() is not None:
        _record(session, actor_id, "role.revoke", account.id, site_id, role)


def _record(session: Session, actor_id: int | None, action: str, account_id: int, site_id: int, role: str) -> None:
    ledger.append(session, actor_id, action, "account", account_id, site_id=site_id or None, role=role)
