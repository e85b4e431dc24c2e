"""How the readers came: they signed up, confirmed their address, subscribed, and some stopped paying."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import emails, roles
from app.billing import grants
from app.demo.history import Event, World
from app.demo.newspaper import Complaint, Reader
from app.models import Account
from app.moderation import reports
from app.sign_in import sign_up
from app.sign_in.sign_up import Registration
from app.toxicity.scorer import Answer

MONTH = timedelta(days=31)
# the last renewals were within these days, so that a demo can be left alone for weeks before its readers lapse
RENEWAL_DAYS = 6
# those whose last renewal was paid, whatever came of it
RENEWED = ("active", "ending", "paused", "refunded", "disputed")
GRANTOR = "seun"
GRANT_DAYS = 60


def events(world: World, secret: str, names_scored: dict[str, Answer]) -> Iterator[Event]:
    """What happens to accounts. `secret`: the hash of the password that all of them have."""
    for reader in world.paper.readers:
        arrive = partial(_arrive, world, reader, secret, names_scored[reader.key])
        yield Event(world.ago(reader.since), arrive)
        if reader.subscription:
            yield from _payments(world, reader)
        if reader.reported:
            found = world.ago(reader.since) + timedelta(hours=reader.reported.after)
            yield Event(found, partial(_report, world, reader.key, reader.reported))
        if reader.grant:
            yield Event(world.ago(reader.since - 1), partial(_grant, world, reader, reader.grant))


def _payments(world: World, reader: Reader) -> Iterator[Event]:
    began, turned = _began(world, reader), world.ago(reader.turned_days_ago)
    yield Event(began, lambda: world.till.subscribe(world.accounts[reader.key], reader), pays=True)
    if reader.subscription in RENEWED and began + MONTH < world.now:
        yield Event(began + MONTH, lambda: world.till.renew(world.accounts[reader.key]), pays=True)
    if reader.turned_days_ago:
        yield Event(turned, lambda: world.till.turn(world.accounts[reader.key], reader), pays=True)


def _began(world: World, reader: Reader) -> datetime:
    """When the subscription did: a month before the payment that failed or the last that did not."""
    if reader.subscription in ("past_due", "lapsed"):
        return world.ago(reader.turned_days_ago) - MONTH
    return max(world.ago(reader.since), world.ago(1 + reader.since % RENEWAL_DAYS) - MONTH)


def _arrive(world: World, reader: Reader, secret: str, scored: Answer) -> None:
    with world.it.database.transaction() as session:
        wanted = Registration(reader.address, reader.name, secret, scored, world.it.house.rules_version)
        sign_up.sign_up(session, world.it.settings, world.it.house, wanted)
        account = _account(session, world, reader)
        world.accounts[reader.key] = account.id
        if reader.verified:
            sign_up.confirm(session, world.it.settings, world.it.house, account)
        if reader.role:
            roles.grant(session, account, reader.role, actor_id=None)


def _account(session: Session, world: World, reader: Reader) -> Account:
    token = emails.token(world.it.settings, reader.address)
    return session.scalars(select(Account).where(Account.email_token == token)).one()


def _report(world: World, bearer: str, complaint: Complaint) -> None:
    with world.it.database.transaction() as session:
        by, of = world.accounts[complaint.by], world.accounts[bearer]
        reports.report_name(session, world.it.house, by, of, reports.Complaint(complaint.rule, complaint.note))


def _grant(world: World, reader: Reader, reason: str) -> None:
    with world.it.database.transaction() as session:
        until = world.now + timedelta(days=GRANT_DAYS)
        account_id = world.accounts[reader.key]
        grants.give(session, world.accounts[GRANTOR], account_id, world.site.id, reason, until)
