"""Our processes are killed, again and again, at any moment, while Stripe tells them things. Nothing is lost by it."""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from app import clock
from app.billing import sync
from app.db import Database
from app.models import Job, StripeEvent, StripeSync, Subscription
from app.models.job import DEAD, RUNNING
from config.settings import Settings
from tests.support import factories
from tests.support.billing_proof import stated_by
from tests.support.installation import WEB, WORKER, Installation, installed
from tests.support.stripe_world import eventually

READERS = 40
LIVELY = 40
VERBS = ("renew", "renew", "fail", "pay", "unpaid", "pause", "resume", "end", "go on", "cancel", "begin")
VICTIMS = ([WEB], [WORKER], [WEB, WORKER])
# the last retry of a webhook may be that far away, and the last refreshes wait for their turn at Stripe
PATIENCE = 240


@dataclass
class Havoc:
    """Changes at Stripe, and kills among them."""

    installation: Installation
    database: Database
    dice: random.Random
    subscriptions: list[str] = field(default_factory=list)
    kills: int = 0

    def subscribe(self, readers: int) -> None:
        with self.database.transaction() as session:
            accounts = [factories.account(session) for _reader in range(readers)]
        for account in accounts:
            customer = self.installation.at_stripe("v1/customers", email=account.email)["id"]
            made = self.installation.at_stripe("_sim/subscriptions", customer=customer, account_id=account.id)
            self.subscriptions.append(made["id"])

    def change(self) -> None:
        """To one of those that began last, since the others may be over."""
        identifier, verb = self.dice.choice(self.subscriptions[-LIVELY:]), self.dice.choice(VERBS)
        if verb == "begin":
            self.subscribe(1)
        elif verb in ("end", "go on"):
            wanted = "true" if verb == "end" else "false"
            self.installation.at_stripe(f"v1/subscriptions/{identifier}", cancel_at_period_end=wanted)
        else:
            self.installation.at_stripe(f"_sim/subscriptions/{identifier}/{verb}")

    def kill(self) -> None:
        """At once, or a moment later, and back again after a moment."""
        victims = self.dice.choice(VICTIMS)
        time.sleep(self.dice.uniform(0, 0.5))
        for name in victims:
            self.installation.kill(name)
            self.kills += 1
        time.sleep(self.dice.uniform(0, 0.2))
        for name in victims:
            self.installation.start(name)
        self.installation.wait_until_ready()

    def events(self) -> int:
        return int(self.installation.store.rows("SELECT count(*) FROM objects WHERE type = 'event'")[0][0])

    def owed(self) -> int:
        """Webhooks that have not arrived."""
        waiting = "SELECT count(*) FROM deliveries WHERE state = 'waiting'"
        return int(self.installation.store.rows(waiting)[0][0])

    def settle(self) -> None:
        """Every webhook arrives, every lease of a dead worker runs out, and the work that is left is done."""
        self.installation.store.rows("UPDATE deliveries SET due = ? WHERE state = 'waiting'", time.time())
        eventually(lambda: self.owed() == 0, PATIENCE)
        with self.database.transaction() as session:
            session.execute(update(Job).where(Job.state == RUNNING).values(lease_until=clock.now()))
            session.execute(update(Job).where(Job.kind == sync.REFRESH).values(run_at=clock.now()))
        eventually(lambda: self.unfinished() == 0, PATIENCE)

    def unfinished(self) -> int:
        with self.database.reading() as session:
            behind = select(func.count()).where(StripeSync.applied_seq < StripeSync.requested_seq)
            jobs = select(func.count()).where(Job.kind == sync.REFRESH, Job.state != DEAD)
            return (session.scalar(behind) or 0) + (session.scalar(jobs) or 0)

    def reconcile(self) -> None:
        assert "All agrees." in self.installation.command("billing", "reconcile")

    def wrong(self) -> list[str]:
        """The subscriptions of which we do not know what is true."""
        with self.database.reading() as session:
            rows = {row.id: row for row in session.scalars(select(Subscription))}
        true = {each["id"]: stated_by(each) for each in self.installation.store.find("subscription", limit=10_000)}
        assert len(true) == len(self.subscriptions)
        return [
            identifier
            for identifier, stated in true.items()
            if identifier not in rows or any(getattr(rows[identifier], name) != value for name, value in stated.items())
        ]


def wreak(settings: Settings, database: Database, folder: Path, *, readers: int, events: int, kills: int) -> None:
    began = time.monotonic()
    with installed(settings, folder) as installation:
        havoc = Havoc(installation, database, random.Random(kills))
        havoc.subscribe(readers)
        while havoc.kills < kills or havoc.events() < events:
            for _change in range(events // kills):
                havoc.change()
            havoc.kill()
        havoc.settle()
        told, kept, before = havoc.events(), heard(database), havoc.wrong()
        havoc.reconcile()
        havoc.settle()
        after = havoc.wrong()
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    print(
        f"{kind}: {havoc.kills} kills, {told} events, {kept} kept, wrong={len(after)} "
        f"({len(before)} before the reconcile), {time.monotonic() - began:.0f} s"
    )
    # no webhook was lost, so nothing should have needed the reconcile
    assert not before
    assert not after


def heard(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(StripeEvent)) or 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_few_kills_lose_nothing(settings: Settings, database: Database, tmp_path: Path) -> None:
    wreak(settings, database, tmp_path, readers=10, events=100, kills=4)


@pytest.mark.long
def test_kills_at_random_points_of_two_thousand_events_lose_nothing(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    wreak(settings, database, tmp_path, readers=READERS, events=2000, kills=60)
