"""The command line for what a newspaper's own systems are told: `btl site webhook`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import click

from app import ids
from app.cli import loading
from app.cli.mistakes import about
from app.cli.since import Since
from app.cli.sites import clean_name
from app.db import Database
from app.models.webhook import EVENTS, FAILING, GONE
from app.models.webhook_delivery import DEAD, WAITING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.models import Site, Webhook
    from config.settings import Settings

_PAUSED_FOR = {GONE: "it has answered 410", FAILING: "nothing has arrived for days"}
_SINCE = Since(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%MZ"])


@click.group()
def webhook() -> None:
    """Webhooks: where a newspaper's systems are told what has happened here (docs/webhooks.md)."""


@webhook.command()
@click.argument("site_key", metavar="SITE")
@click.argument("name", callback=clean_name)
@click.option("--url", required=True, help="Where it is told, by https.")
@click.option("--event", "events", multiple=True, required=True, type=click.Choice(EVENTS), help="Repeatable.")
def add(site_key: str, name: str, url: str, events: tuple[str, ...]) -> None:
    """Have a system of SITE, called NAME, told of events, and print the secret of its signatures, this once."""
    from app.webhooks import register

    settings = loading.settings()
    with _at(settings, site_key, name) as (session, site):
        secret = register.add(session, settings, site, name, url, events)
    click.echo(secret)


@webhook.command("list")
def list_() -> None:
    """Show all webhooks: whether they answer, how much waits for them, and what was given up."""
    from app.webhooks import register

    with Database(loading.settings().database_url).reading() as session:
        for found, site_key, number in register.listed(session):
            click.echo(f"  {site_key:<16}{found.name:<24}{found.url}")
            waiting, dead = number[WAITING], number[DEAD]
            click.echo(f"    {','.join(found.events)}: {_state(found)}, {waiting} waiting, {dead} given up")


@webhook.command()
@click.argument("site_key", metavar="SITE")
@click.argument("name")
def log(site_key: str, name: str) -> None:
    """Show what the webhook of SITE called NAME was told last: event, its id, of what, and what came of it."""
    from app.webhooks import register

    with _at(loading.settings(), site_key, name) as (session, site):
        for each in register.log(session, site, name):
            tried = f"{each.attempts} attempts, {each.answer}" if each.attempts else "not tried yet"
            at = f"{each.created_at:%Y-%m-%d %H:%M:%S}"
            click.echo(f"  {at}  {each.id}  {each.event:<18}{each.subject_id:<20}{each.state:<11}{tried}")


@webhook.command()
@click.argument("site_key", metavar="SITE")
@click.argument("name")
def rotate(site_key: str, name: str) -> None:
    """Give the webhook of SITE called NAME a new secret and print it, this once. For a day the old one signs, too."""
    from app.webhooks import register

    settings = loading.settings()
    with _at(settings, site_key, name) as (session, site):
        secret = register.rotate(session, settings, site, name)
    click.echo(secret)


@webhook.command()
@click.argument("site_key", metavar="SITE")
@click.argument("name")
@click.option(
    "--since", type=_SINCE, help="All from then on (UTC), what has arrived too: 2026-11-30 or 2026-11-30T12:00."
)
@click.option(
    "--id", "delivery_id", type=click.IntRange(1, ids.LARGEST), help="One, by the webhook-id that it has in the log."
)
def replay(site_key: str, name: str, since: datetime | None, delivery_id: int | None) -> None:
    """Send the webhook of SITE called NAME again what has not arrived. One that was paused goes on."""
    from app.webhooks import register

    if since and delivery_id:
        raise click.UsageError("Say either --since or --id.")
    with _at(loading.settings(), site_key, name) as (session, site):
        number = register.replay(session, site, name, since=since, delivery_id=delivery_id)
    click.echo(f"Done: {number} events are sent again.")


@webhook.command()
@click.argument("site_key", metavar="SITE")
@click.argument("name")
def remove(site_key: str, name: str) -> None:
    """Tell the webhook of SITE called NAME nothing any more, and forget what it was told."""
    from app.webhooks import register

    with _at(loading.settings(), site_key, name) as (session, site):
        register.remove(session, site, name)
    click.echo(f"Done: {name} is removed.")


@contextmanager
def _at(settings: "Settings", site_key: str, name: str) -> "Iterator[tuple[Session, Site]]":
    """A transaction, and the newspaper in it. What is refused inside is said of both names."""
    from app.stories import sites

    with about(f"{site_key}, {name}"), Database(settings.database_url).transaction() as session:
        yield session, sites.named(session, site_key)


def _state(found: "Webhook") -> str:
    if found.paused_at and found.paused_for:
        return f"paused {found.paused_at:%Y-%m-%d %H:%M} UTC, as {_PAUSED_FOR[found.paused_for]}"
    if found.failing_since:
        return f"failing since {found.failing_since:%Y-%m-%d %H:%M} UTC"
    return "in order"
