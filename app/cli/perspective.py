"""The command line for sites that come from Google's Perspective API: `btl perspective`."""

import click

from app.cli import loading
from app.cli.mistakes import about
from app.db import Database

AT_LEAST_ONE = click.IntRange(min=1)


@click.group()
def perspective() -> None:
    """The Perspective API's place: who may have texts scored here (docs/perspective.md)."""


@perspective.group()
def key() -> None:
    """API keys, each with a name and a quota of its own."""


@key.command()
@click.argument("name")
@click.option("--per-second", type=AT_LEAST_ONE, default=20, show_default=True, help="Requests in any one second.")
@click.option("--per-minute", type=AT_LEAST_ONE, default=600, show_default=True, help="Requests in any one minute.")
def create(name: str, per_second: int, per_minute: int) -> None:
    """Make a key called NAME and print it, this once: only a digest of it is kept."""
    from app.perspective import keys

    settings = loading.settings()
    with about(name), Database(settings.database_url).transaction() as session:
        secret = keys.create(session, settings, name, per_second, per_minute)
    click.echo(secret)


@key.command("list")
def list_() -> None:
    """Show all keys: what they are called, how often they may ask, since when, and until when."""
    from app.perspective import keys

    with Database(loading.settings().database_url).reading() as session:
        for each in keys.listed(session):
            quota = f"{each.per_second} a second, {each.per_minute} a minute"
            until = f", revoked {each.revoked_at:%Y-%m-%d}" if each.revoked_at else ""
            click.echo(f"  {each.name:<24}{quota}, since {each.created_at:%Y-%m-%d}{until}")


@key.command()
@click.argument("name")
def revoke(name: str) -> None:
    """End the key called NAME: from now on it is refused."""
    from app.perspective import keys

    with about(name), Database(loading.settings().database_url).transaction() as session:
        keys.revoke(session, name)
    click.echo(f"Done: {name} is revoked.")
