"""`btl billing`, as whoever runs it types it, against the simulated Stripe."""

import os
import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app.accounts import emails
from app.billing import sync
from app.gateway import client
from app.gateway import subscriptions as at_stripe
from app.gateway.client import Stripe
from app.models import Account, Site, StripeSync, Subscription
from app.models.sanction import SUSPENSION
from app.reconcile import poll
from config.settings import Settings
from tests.support import factories
from tests.support.commands import btl
from tests.support.paper import Paper
from tests.support.repository import REPOSITORY


@pytest.fixture
def paper(paper: Paper) -> Paper:
    """No webhook ever arrives."""
    paper.control("knobs", drop_percent=100)
    return paper


def known(paper: Paper, account_id: int | None = None) -> str:
    """A subscription that we hold as it is at Stripe; its id."""
    subscription = paper.sold(account_id=account_id)
    paper.look(sync.SUBSCRIPTION, subscription)
    return subscription


def plant(paper: Paper, identifier: str, **values: object) -> None:
    """Put something wrong into our own row."""
    with paper.database.transaction() as session:
        session.execute(update(Subscription).where(Subscription.id == identifier).values(values))


def asked_for(paper: Paper, identifier: str) -> int:
    with paper.database.reading() as session:
        return session.get_one(StripeSync, ("subscription", identifier)).requested_seq


def test_a_planted_drift_is_printed_and_left_alone_by_a_dry_run_and_mended_without_it(paper: Paper) -> None:
    identifier = known(paper, paper.reader.id)
    agreed = btl(paper.settings, "billing", "reconcile")
    assert (agreed.returncode, "All agrees." in agreed.stdout) == (0, True), agreed.stderr
    plant(paper, identifier, status="past_due")
    dry = btl(paper.settings, "billing", "reconcile", "--dry-run")
    assert dry.returncode == 1, dry.stderr
    assert f"subscription {identifier}\n  status: past_due → active\n1 differ.\n" in dry.stdout
    assert asked_for(paper, identifier) == 1
    assert not paper.entitlement().allowed
    real = btl(paper.settings, "billing", "reconcile")
    assert (real.returncode, "status: past_due → active" in real.stdout) == (1, True), real.stderr
    paper.work()
    assert paper.entitlement().allowed
    assert btl(paper.settings, "billing", "reconcile").returncode == 0


def test_one_account_is_found_by_its_address_or_its_id(paper: Paper, settings: Settings) -> None:
    identifier, other = known(paper, paper.reader.id), known(paper)
    for each in (identifier, other):
        plant(paper, each, status="past_due")
    with paper.database.transaction() as session:
        reader = session.merge(paper.reader)
        reader.email_token = emails.token(settings, "Reader.One@example.org")
    for who in (str(paper.reader.id), "reader.one@EXAMPLE.org"):
        done = btl(paper.settings, "billing", "reconcile", "--dry-run", "--account", who)
        assert (done.returncode, identifier in done.stdout, other in done.stdout) == (1, True, False), done.stderr
    assert "No account" in btl(paper.settings, "billing", "reconcile", "--account", "nobody@example.org").stderr


def test_only_what_began_since_a_day_is_looked_at(paper: Paper) -> None:
    identifier = known(paper, paper.reader.id)
    plant(paper, identifier, status="past_due")
    assert btl(paper.settings, "billing", "reconcile", "--since", "2099-01-01").returncode == 0
    assert btl(paper.settings, "billing", "reconcile", "--since", "2020-01-01").returncode == 1
    paper.work()
    assert paper.entitlement().allowed


def test_without_stripe_the_commands_say_so_and_trace_nothing(paper: Paper) -> None:
    known(paper, paper.reader.id)
    paper.stripe_goes_away()
    done = btl(paper.settings, "billing", "reconcile", "--dry-run")
    assert (done.returncode, "Stripe cannot be reached" in done.stderr) == (1, True)
    assert "Traceback" not in done.stderr


def test_support_is_told_why_without_how_somebody_pays(paper: Paper) -> None:
    identifier = known(paper, paper.reader.id)
    may = btl(paper.settings, "billing", "why", str(paper.reader.id))
    assert may.returncode == 0, may.stderr
    assert "may write" in may.stdout
    for words in (
        "reason: active",
        "Your subscription is active.",
        f"subscription {identifier}: active",
        "period end: 2",
    ):
        assert re.search(words, may.stdout), words
    plant(paper, identifier, status="unpaid")
    assert re.search(
        "may not write\n +reason: unpaid", btl(paper.settings, "billing", "why", str(paper.reader.id)).stdout
    )
    with paper.database.transaction() as session:
        stranger = factories.account(session)
    assert "no_subscription" in btl(paper.settings, "billing", "why", str(stranger.id)).stdout
    # an id may have the digits of any card
    said = may.stdout.replace(str(paper.reader.id), "").replace(identifier, "")
    assert not re.search("card|visa|4242|fingerprint|somebody@", said.lower())


def test_support_hears_of_a_suspension_before_a_subscription(paper: Paper) -> None:
    known(paper, paper.reader.id)
    with paper.database.transaction() as session:
        reader, site = session.get_one(Account, paper.reader.id), session.scalars(select(Site)).one()
        factories.sanction(session, reader, SUSPENSION, at=site)
    said = btl(paper.settings, "billing", "why", str(paper.reader.id)).stdout
    assert re.search("may not write\n +reason: suspended", said)
    assert "Your right to comment is suspended for now." in said


def test_the_status_names_what_waits_who_is_orphaned_and_what_is_set(paper: Paper) -> None:
    orphan = known(paper)
    with paper.database.transaction() as session:
        sync.request(session, sync.SUBSCRIPTION, "sub_waiting")
        customer = session.scalar(select(Subscription.customer_id).where(Subscription.id == orphan))
    status = btl(paper.settings, "billing", "status")
    assert status.returncode == 0, status.stderr
    said = dict(re.findall(r"^  (\S.*?)  +(.*)$", status.stdout, re.MULTILINE))
    assert said["asked for again and again"] == "0"
    assert said["unfinished"].startswith("1, for 0:00:0")
    assert said["orphaned subscriptions"] == f"1: customers {customer}"
    assert (said["last reconcile"], said["last poll"], said["webhook secrets"]) == ("never", "never", "1")
    btl(paper.settings, "billing", "reconcile")
    assert re.search(r"last reconcile +0:00:\d\d ago\n +drift +0 at", btl(paper.settings, "billing", "status").stdout)


KEYS = {"STRIPE_MODE": "test", "STRIPE_API_KEY": "sk_test_write", "STRIPE_WEBHOOK_SECRETS": "whsec_1,whsec_2"}


def test_the_doctor_looks_at_stripe_and_at_what_is_heard_of_it(paper: Paper) -> None:
    paper.control("knobs", drop_percent=0)
    silent = btl(paper.settings, "doctor", **KEYS).stdout
    assert re.search("good +stripe: test mode, one key for all: set STRIPE_READ_KEY, 2 webhook secrets", silent), silent
    assert re.search("BAD +events: .* is btl worker running", silent)
    apart = btl(paper.settings, "doctor", **KEYS, STRIPE_READ_KEY="rk_test_read").stdout
    assert re.search("good +stripe: test mode, a key of its own for reading", apart), apart
    paper.stripe_goes_away()
    assert re.search("BAD +stripe: cannot be reached", btl(paper.settings, "doctor", **KEYS).stdout)


def test_the_doctor_notices_that_every_event_came_by_polling_alone(paper: Paper) -> None:
    known(paper, paper.reader.id)
    poll.poll(paper.database, Stripe(paper.settings))
    assert re.search(
        "BAD +events: .* came in the last hour by polling alone", btl(paper.settings, "doctor", **KEYS).stdout
    )
    with paper.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE stripe_events SET source = 'webhook'")
    assert re.search(
        "good +events: [1-9][0-9]* by webhook and 0 by polling", btl(paper.settings, "doctor", **KEYS).stdout
    )


@pytest.mark.parametrize("module", ["wsgi", "app.web.application", "app.worker", "app.cli.main"])
def test_nothing_imports_the_sdk_before_it_is_used(module: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/btl.db"
    environment = {"BTL_ENVIRONMENT": "test", "BTL_DATABASE_URL": url, "BTL_VAR": str(tmp_path)}
    program = f"import sys, {module}; sys.exit('stripe' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], env=os.environ | environment, cwd=REPOSITORY, check=False)
    assert done.returncode == 0


def test_a_call_is_given_up_while_stripe_still_says_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        host = f"http://127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(client.StripeUnavailable):
            at_stripe.retrieve(Stripe(replace(settings, stripe_api_base=host)), "sub_1")
