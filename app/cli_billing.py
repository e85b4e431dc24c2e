"""The command line for what has to do with Stripe: `btl billing`."""

import click

from app import cli_settings
from app.db import Database


@click.group()
def billing() -> None:
    """Stripe: what we know of it, how far we are behind, and what to do about it."""


@billing.command()
def status() -> None:
    """Say how well we hear Stripe: what waits, since when, and what differed at the last reconcile."""
    from app.billing import gauges

    with Database(cli_settings.settings().database_url).reading() as session:
        for name, value in gauges.read(session).items():
            click.echo(f"  {name.replace('_', ' '):<26}{value:>12,.0f}")


@billing.command("check-names")
def check_names() -> None:
    """Have the names of all who pay compared with the names they pay under, after the policy began to ask for it."""
    from app.billing import name_checks

    with Database(cli_settings.settings().database_url).transaction() as session:
        name_checks.request_all(session)
    click.echo("The worker compares them, four in a second.")
