"""The command line for what has to do with Stripe: `btl billing`."""

from typing import TextIO

import click

from app import cli_settings, log
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


@billing.command()
def adopt() -> None:
    """Take in all customers and subscriptions that Stripe has, or go on with an adoption that was interrupted.

    They wait without an account until their readers claim them. Safe to repeat, and beside a running installation.
    """
    from app.billing import adopt as adoption
    from app.billing import pace
    from app.gateway.client import StripeUnavailable

    log.configure(plain=True)
    settings = cli_settings.settings()
    database = Database(settings.database_url)

    def advance(what: str, counted: int) -> None:
        click.echo(f"\r{counted:>9,} {what} ", nl=False, err=True)

    try:
        adoption.adopt(database, pace.paced(settings, database, pace.LONGEST_WAIT), settings, advance)
    except StripeUnavailable as error:
        raise click.ClickException("Stripe cannot be reached. What was taken in is kept: run this again.") from error
    with database.reading() as session:
        counted = adoption.tally(session)
    click.echo()
    for name, number in counted.items():
        click.echo(f"  {name:<34}{number:>9,}")


@billing.command()
def rekey() -> None:
    """Make what is known of payers known under the first of BTL_IDENTITY_KEYS, and say which older keys may go.

    Asks Stripe for everybody who is known under an older key alone, at our pace. Safe to repeat and to interrupt; every
    match holds before, meanwhile and after.
    """
    from app.billing import pace
    from app.billing import rekey as rekeying
    from app.gateway.client import StripeUnavailable

    log.configure(plain=True)
    settings = cli_settings.settings()
    policy = cli_settings.policy(settings.policy)
    database = Database(settings.database_url)

    def advance(asked: int) -> None:
        click.echo(f"\r{asked:>9,} customers ", nl=False, err=True)

    try:
        rekeying.rekey(database, pace.paced(settings, database), settings, policy, advance)
    except StripeUnavailable as error:
        raise click.ClickException("Stripe cannot be reached. What was done is kept: run this again.") from error
    with database.reading() as session:
        alone = rekeying.needed(session, settings)
    click.echo()
    for key, number in alone.items():
        if key == settings.identity_keys[0].id:
            click.echo(f"  {key:<34}writes")
        else:
            click.echo(f"  {key:<34}{f'bans need it for {number:,} digests' if number else 'may go'}")


@billing.command()
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--dry-run", is_flag=True, help="Say what would become of each row, and change nothing.")
def link(file: TextIO, dry_run: bool) -> None:
    """Link the customers in FILE to accounts: a CSV file with the columns customer and account.

    The customer is Stripe's id; the account is its id here, or the address that its reader has confirmed. A customer
    that somebody else has stays there, and a moderator is asked. Safe to repeat.
    """
    from app.billing import link_list
    from app.billing.linking import Outcome

    settings = cli_settings.settings()
    database, policy = Database(settings.database_url), cli_settings.policy(settings.policy)

    def tell(line: int, end: str) -> None:
        if end not in (Outcome.LINKED, Outcome.ALREADY):
            click.echo(f"line {line}: {end.replace('_', ' ')}", err=True)

    try:
        ends = link_list.link_all(database, settings, policy, file, dry_run=dry_run, tell=tell)
    except link_list.NotAList as error:
        raise click.ClickException(f"{file.name}: lacks the columns {' and '.join(link_list.COLUMNS)}") from error
    for end, number in sorted(ends.items()):
        click.echo(f"  {end.replace('_', ' '):<20}{number:>9,}")
