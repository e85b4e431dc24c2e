"""Rows that tests start from: what a test does not name has a harmless value."""

import itertools
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app import clock
from app.ids import new_id
from app.models import Account, Role, Site
from app.models.role import ALL_SITES

PRODUCT = "prod_digital_subscription"
RULES_VERSION = "2026-11"
Row = TypeVar("Row")
_numbers = itertools.count(1)


def make_site(session: Session, **values: Any) -> Site:
    """A newspaper that sells PRODUCT."""
    number = next(_numbers)
    known: dict[str, Any] = {
        "id": new_id(),
        "key": f"paper{number}",
        "name": "The Harbour Gazette",
        "origins": ["https://paper.example"],
        "policy": {},
        "products": [PRODUCT],
        "created_at": clock.now(),
    }
    return _added(session, Site(**known | values))


def make_account(session: Session, **values: Any) -> Account:
    """A verified reader who has accepted the rules and has no subscription."""
    number, now = next(_numbers), clock.now()
    known: dict[str, Any] = {
        "id": new_id(),
        "email": f"reader{number}@example.org",
        "email_token": f"token{number}",
        "name": f"Reader {number}",
        "name_skeleton": f"reader {number}",
        "verified_at": now,
        "rules_version": RULES_VERSION,
        "session_epoch": 0,
        "language": "en",
        "created_at": now,
    }
    return _added(session, Account(**known | values))


def make_staff(session: Session, role: str, site_id: int = ALL_SITES, **values: Any) -> Account:
    """An account with a role, at one site or at all."""
    account = make_account(session, **values)
    _added(session, Role(id=new_id(), account_id=account.id, site_id=site_id, role=role, created_at=clock.now()))
    return account


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
