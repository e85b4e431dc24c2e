"""An editor lets a reader write for a time without a subscription. Beside paying, nothing else opens the gate."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, ledger
from app.accounts import ranks
from app.db import find_locked
from app.errors import Conflict, Malformed, NotFound
from app.ids import new_id
from app.language import mark
from app.models import Account, Grant
from app.models.account import ACTIVE

LONGEST_GRANT = timedelta(days=366)
REASON_CHARACTERS = 500


def give(session: Session, actor_id: int, account_id: int, site_id: int, reason: str, until: datetime) -> Grant:
    """Let the account write on the site until then. The reason is for the staff and stays out of the ledger.

    Raises NotFound for an unknown account, Malformed for an empty or overlong reason or an end that is past or more
    than a year away, Forbidden outranked. The caller has checked that `actor_id` may grant.
    """
    now = clock.now()
    if not 0 < len(reason.strip()) <= REASON_CHARACTERS:
        raise Malformed("reason_length", mark("Please give a reason of at most 500 characters."), field="reason")
    if until.tzinfo is None or not now < until <= now + LONGEST_GRANT:
        raise Malformed("until", mark("The end must be in the future and at most a year away."), field="until")
    account = session.get(Account, account_id)
    if account is None or account.state != ACTIVE:
        raise NotFound
    ranks.require_above(session, actor_id, account_id, site_id)
    grant = Grant(
        id=new_id(),
        account_id=account_id,
        site_id=site_id,
        reason=reason.strip(),
        granted_by=actor_id,
        until=until,
        created_at=now,
    )
    session.add(grant)
    _record(session, actor_id, "grant.give", grant, until=until.isoformat())
    return grant


def find(session: Session, grant_id: int) -> Grant:
    """The grant of that id. Raises NotFound."""
    grant = session.get(Grant, grant_id)
    if grant is None:
        raise NotFound
    return grant


def revoke(session: Session, actor_id: int, grant_id: int) -> Grant:
    """End a grant now. Raises NotFound, Forbidden outranked, and Conflict where it has been revoked already."""
    grant = find_locked(session, Grant, Grant.id == grant_id)
    if grant is None:
        raise NotFound
    ranks.require_above(session, actor_id, grant.account_id, grant.site_id)
    if grant.revoked_at is not None:
        raise Conflict("already_revoked")
    grant.revoked_at = clock.now()
    _record(session, actor_id, "grant.revoke", grant)
    return grant


def of_account(session: Session, account_id: int, site_id: int) -> list[Grant]:
    """The latest hundred grants of an account on a site, the newest first."""
    given = select(Grant).where(Grant.account_id == account_id, Grant.site_id == site_id)
    return list(session.scalars(given.order_by(Grant.id.desc()).limit(100)))


def _record(session: Session, actor_id: int, action: str, grant: Grant, **details: str) -> None:
    known = {"grant": str(grant.id), **details}
    ledger.append(session, ledger.Entry(actor_id, action, "account", grant.account_id, grant.site_id, known))
