"""The command line for staff: `btl moderator`."""

import click

from app.cli import loading
from app.cli.mistakes import Mistake, about
from app.db import Database
from app.models.sanction import BAN, SUSPENSION, WARNING

# a role that was given sleeps until
_WAKING = {
    "unverified": "the address is confirmed",
    WARNING: "the warning has been read",
    SUSPENSION: "the suspension is over",
    BAN: "the ban is lifted",
}


@click.group()
def moderator() -> None:
    """Staff: who may moderate, and where."""


@moderator.command()
@click.argument("email")
@click.option("--role", type=click.Choice(["moderator", "editor", "administrator"]), default="moderator")
@click.option("--site", "site_key", help="Key of one site; without it, all of them.")
def add(email: str, role: str, site_key: str | None) -> None:
    """Give the account of EMAIL a staff role. The account must have been made before, on the sign-up page."""
    from app.accounts import roles, standing

    settings = loading.settings()
    with about(f"{email}, {site_key or 'all sites'}"), Database(settings.database_url).transaction() as session:
        account = roles.grant_by_email(session, settings, email, role, site_key)
        state = standing.read(session, account.id).kind if account.verified_at else "unverified"
    click.echo(f"Done: {account.name} is {role} at {site_key or 'all sites'}.")
    if state in _WAKING:
        click.echo(f"The role sleeps until {_WAKING[state]}.")


@moderator.command("list")
def list_() -> None:
    """Show who has which role, and where."""
    from app.accounts import roles

    with Database(loading.settings().database_url).reading() as session:
        for account, role, site_key in roles.listed(session):
            click.echo(f"  {account.name:<32}{role:<16}{site_key or 'all sites':<24}{account.email or ''}")


@moderator.command()
@click.argument("email")
@click.option("--site", "site_key", help="Key of one site; without it, every role that they have anywhere.")
def remove(email: str, site_key: str | None) -> None:
    """Take their roles from the account of EMAIL. It stays a reader's."""
    from app.accounts import roles

    settings = loading.settings()
    where = site_key or "any site"
    with about(f"{email}, {where}"), Database(settings.database_url).transaction() as session:
        taken, kept = roles.revoke_by_email(session, settings, email, site_key)
    if not taken:
        raise Mistake(f"{email} has no role at {where}: btl moderator list says where.")
    click.echo(f"Done: {email} is no longer {_words(taken)}.")
    if kept:
        click.echo(f"They are still {_words(kept)}.")


def _words(places: list[tuple[str, str | None]]) -> str:
    return " and ".join(f"{role} at {site_key or 'all sites'}" for role, site_key in places)
