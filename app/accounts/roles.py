"""Staff roles: given and taken, each time with a line in the ledger. They count from the next request on."""

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from app import clock, ledger
from app.accounts import emails, names
from app.db import insert_once
from app.errors import Conflict, NotFound
from app.ids import new_id
from app.language import mark
from app.models import Account, Login, Role, Site
from app.models.login import LOCAL
from app.models.role import ALL_SITES
from config.settings import Settings

NO_PASSWORD = mark(
    "This account is signed in by the paper's own site alone, and staff sign in with a password. Have its owner set "
    "one first (/forgot)."
)

# a role, and the key of the site where it is given; None for all sites
Place = tuple[str, str | None]


def grant(session: Session, account: Account, role: str, *, site_id: int = ALL_SITES, actor_id: int | None) -> None:
    """Give `account` a role (models.role) at one site or at all; nothing happens if it has it. `actor_id` None: whoever
    runs the command line.
    """
    values = {"account_id": account.id, "site_id": site_id, "role": role, "created_at": clock.now()}
    if insert_once(session, Role, id=new_id(), **values):
        _record(session, actor_id, "role.grant", account.id, site_id, role)
        names.announce(session, account.id)


def grant_by_email(session: Session, settings: Settings, email: str, role: str, site_key: str | None) -> Account:
    """Give the account of a mailbox a role, at the site of that key or (None) at all. For the command line.

    Raises Malformed email_malformed, NotFound unknown_account or unknown_site, Conflict no_password.
    """
    account, site_id = _named(session, settings, email, site_key)
    if _is_signed_in_elsewhere(session, account.id):
        raise Conflict("no_password", NO_PASSWORD)
    grant(session, account, role, site_id=site_id, actor_id=None)
    return account


def revoke_by_email(
    session: Session, settings: Settings, email: str, site_key: str | None
) -> tuple[list[Place], list[Place]]:
    """Take every role at a site, or (None) all of its roles, from the account of a mailbox; which those were, and which
    it keeps.

    For the command line. Raises as `grant_by_email`.
    """
    account, site_id = _named(session, settings, email, site_key)
    given = select(Role.role, Role.site_id, Site.key).outerjoin(Site, Site.id == Role.site_id)
    taken: list[Place] = []
    kept: list[Place] = []
    for role, at, key in session.execute(given.where(Role.account_id == account.id).order_by(Role.id)).all():
        if site_key is None or at == site_id:
            revoke(session, account, role, site_id=at, actor_id=None)
            taken.append((role, key))
        else:
            kept.append((role, key))
    return taken, kept


def listed(session: Session) -> list[tuple[Account, str, str | None]]:
    """Who has which role where: the key of a site, None for all."""
    given = select(Account, Role.role, Site.key).join(Role, Role.account_id == Account.id)
    found = session.execute(given.outerjoin(Site, Site.id == Role.site_id).order_by(Account.name, Role.role, Role.id))
    return [(row.Account, row.role, row.key) for row in found]


def are_at(session: Session, account_id: int, site_id: int) -> bool:
    """Whether the account has a role at the site, and so needs no subscription there."""
    there = Role.account_id == account_id, Role.site_id.in_((ALL_SITES, site_id))
    return bool(session.scalar(select(exists().where(*there))))


def _named(session: Session, settings: Settings, email: str, site_key: str | None) -> tuple[Account, int]:
    token = emails.token(settings, emails.check(email))
    account = session.scalars(select(Account).where(Account.email_token == token)).first()
    if account is None:
        raise NotFound("unknown_account", mark("No account has this address."))
    site_id: int | None = ALL_SITES
    if site_key is not None:
        site_id = session.scalar(select(Site.id).where(Site.key == site_key))
    if site_id is None:
        raise NotFound("unknown_site", mark("There is no site of this key."))
    return account, site_id


def revoke(session: Session, account: Account, role: str, *, site_id: int = ALL_SITES, actor_id: int | None) -> None:
    """Take a role away; nothing happens if `account` does not have it there."""
    given = delete(Role).where(Role.account_id == account.id, Role.site_id == site_id, Role.role == role)
    if session.execute(given.returning(Role.id)).first() is not None:
        _record(session, actor_id, "role.revoke", account.id, site_id, role)
        names.announce(session, account.id)


def _is_signed_in_elsewhere(session: Session, account_id: int) -> bool:
    """Whether no password of ours leads to the account, but a log-in elsewhere, by which nobody is staff."""
    providers = set(session.scalars(select(Login.provider).where(Login.account_id == account_id)))
    return bool(providers) and LOCAL not in providers


def _record(session: Session, actor_id: int | None, action: str, account_id: int, site_id: int, role: str) -> None:
    ledger.append(session, ledger.Entry(actor_id, action, "account", account_id, site_id or None, {"role": role}))
