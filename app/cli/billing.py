"""The command line for what has to do with Stripe: `btl billing`."""

import sys
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TextIO

import click

from app import log
from app.cli import loading
from app.cli.mistakes import Mistake
from app.cli.progress import Progress
from app.cli.since import Since
from app.db import Database
from app.models import Account

if TYPE_CHECKING:
    from app.installation import Installation


@click.group()
def billing() -> None:
    """Stripe: what we know of it, how far we are behind, and what to do about it."""


@billing.command()
def status() -> None:
    """Say how well we hear Stripe: what waits, since when, and what differed at the last reconcile."""
    from app.reconcile import condition

    settings = loading.settings()
    with Database(settings.database_url).reading() as session:
        lines = list(condition.lines(session, settings))
    width = max(len(name) for name, _words in lines) + 2
    for name, words in lines:
        click.echo(f"  {name:<{width}}{words}")


def _ask_for_all(it: "Installation") -> None:
    from app.reconcile import deep

    number = deep.mark_all(it.database, it.stripe)
    click.echo(f"{number} subscriptions, their customers and payments are asked for by the worker: btl billing status.")
    sys.exit(0)


@billing.command()
@click.option("--dry-run", is_flag=True, help="Only say what differs; leave no mark, and have nothing fetched.")
@click.option("--account", metavar="EMAIL|ID", help="Look at the subscriptions of one account.")
@click.option(
    "--since", type=Since(["%Y-%m-%d"]), help="Look at what was bought, refunded or disputed from that day on."
)
@click.option("--deep", is_flag=True, help="Have the worker ask for all that still counts, whatever the lists tell.")
def reconcile(dry_run: bool, account: str | None, since: datetime | None, deep: bool) -> None:
    """Compare what we have with what Stripe has, and say what differs: field, ours, Stripe's.

    What differs is fetched by the worker at once. Exits with 0 where all agrees, with 1 where something differed.
    Without options it is the nightly run, and one that was interrupted is gone on with.
    """
    from app.billing import throttle
    from app.gateway.client import StripeUnavailable
    from app.reconcile import audit, runs

    if account and since:
        raise click.UsageError("--account looks at everything of theirs: leave --since out.")
    log.configure(plain=True)
    it = throttle.throttled(loading.installation())
    if account:
        slices = audit.of_account(it.database, it.stripe, _account(it, account).id, dry=dry_run)
    elif dry_run or since:
        slices = audit.everything(it.database, it.stripe, since, dry=dry_run)
    else:
        slices = runs.whole(it.database, it.stripe)
    drifts = 0
    try:
        if deep:
            _ask_for_all(it)
        for found in slices:
            for drift in found:
                drifts += 1
                click.echo(f"{drift.object_type} {drift.object_id}")
                for each in drift.differences:
                    click.echo(f"  {each.field}: {_shown(each.ours)} → {_shown(each.stripes)}")
    except StripeUnavailable as error:
        raise click.ClickException("Stripe cannot be reached. Nothing is lost: run this again.") from error
    except runs.Overtaken as error:
        raise click.ClickException("A worker is at it: btl billing status shows what it finds.") from error
    click.echo(f"{drifts} differ." if drifts else "All agrees.")
    sys.exit(1 if drifts else 0)


@billing.command()
@click.argument("account", metavar="EMAIL|ID")
@click.option("--site", "site_key", help="Key of the newspaper; without it, the first.")
def why(account: str, site_key: str | None) -> None:
    """Say why a reader may write or may not, and what that follows from. Shows nothing of how they pay."""
    from app.billing import why as explaining
    from app.stories import sites

    it = loading.installation()
    site = loading.site(it.database, site_key)
    reader = _account(it, account)
    with it.database.reading() as session:
        answer = explaining.explain(session, reader.id, site, sites.rules_of(site, it.house))
        click.echo(f"account {reader.id}, {site.name}: {'may' if answer.allowed else 'may not'} write")
        for name, value in explaining.details(session, reader.id, answer):
            click.echo(f"  {name}: {_shown(value)}")


def _account(it: "Installation", text: str) -> Account:
    """The account of an e-mail address or an id."""
    from app.accounts import lookup

    with it.database.reading() as session:
        found = lookup.by_email_or_id(session, it.settings, text)
    if found is None:
        raise Mistake("No account has this address or id.")
    return found


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return "nothing" if value is None else str(value)


@billing.command("check-names")
def check_names() -> None:
    """Have the names of all who pay compared with the names they pay under, after the policy began to ask for it."""
    from app.payers import name_checks

    with Database(loading.settings().database_url).transaction() as session:
        name_checks.request_all(session)
    click.echo("The worker compares them, four in a second.")


@billing.command()
def adopt() -> None:
    """Take in all customers and subscriptions that Stripe has, or go on with an adoption that was interrupted.

    They wait without an account until their readers link them. Safe to repeat, and beside a running installation.
    """
    from app.billing import adopt as adoption
    from app.billing import throttle
    from app.gateway.client import StripeUnavailable

    log.configure(plain=True)
    it = throttle.throttled(loading.installation(), throttle.LONGEST_WAIT)

    try:
        with Progress() as progress:
            adoption.adopt(it, progress.tell)
    except StripeUnavailable as error:
        raise click.ClickException("Stripe cannot be reached. What was taken in is kept: run this again.") from error
    with it.database.reading() as session:
        counted = adoption.tally(session)
    for name, number in counted.items():
        click.echo(f"  {name:<34}{number:>9,}")


@billing.command()
def rekey() -> None:
    """Make what is known of payers known under the first of BTL_IDENTITY_KEYS, and say which older keys may go.

    Asks Stripe for everybody who is known under an older key alone, throttled. Safe to repeat and to interrupt; every
    match is found before, meanwhile and after.
    """
    from app.billing import throttle
    from app.gateway.client import StripeUnavailable
    from app.payers import rekey as rekeying

    log.configure(plain=True)
    it = throttle.throttled(loading.installation())

    try:
        with Progress() as progress:
            rekeying.rekey(it, partial(progress.tell, "customers"))
    except StripeUnavailable as error:
        raise click.ClickException("Stripe cannot be reached. What was done is kept: run this again.") from error
    with it.database.reading() as session:
        alone = rekeying.needed(session, it.settings)
    for key, number in alone.items():
        if key == it.settings.identity_keys[0].id:
            click.echo(f"  {key:<34}writes")
        else:
            click.echo(
                f"  {key:<34}{f'bans, or erased accounts, need it for {number:,} digests' if number else 'may go'}"
            )


@billing.command()
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--dry-run", is_flag=True, help="Say what would become of each row, and change nothing.")
def link(file: TextIO, dry_run: bool) -> None:
    """Link the customers in FILE to accounts: a CSV file with the columns customer and account.

    The customer is Stripe's id; the account is its id here, or the address that its reader has confirmed. A customer
    that somebody else has stays there, and a moderator is asked. Safe to repeat.
    """
    from app.billing import link_by_list
    from app.billing.links import LinkOutcome

    def tell(line: int, end: str) -> None:
        if end not in (LinkOutcome.LINKED, LinkOutcome.ALREADY):
            click.echo(f"line {line}: {end.replace('_', ' ')}", err=True)

    try:
        ends = link_by_list.link_all(loading.installation(), file, dry_run=dry_run, tell=tell)
    except link_by_list.NotAList as error:
        raise Mistake(f"{file.name}: lacks the columns {' and '.join(link_by_list.COLUMNS)}") from error
    for end, number in sorted(ends.items()):
        click.echo(f"  {end.replace('_', ' '):<20}{number:>9,}")
