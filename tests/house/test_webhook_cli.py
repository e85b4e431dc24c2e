"""`btl site webhook`: made, listed, looked at, replayed, rotated and removed, as an operator types it."""

import re
from collections.abc import Callable
from functools import partial
from subprocess import CompletedProcess

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.cli import doctor_records
from app.cli.health import Ill
from app.db import Database
from app.models import LedgerEntry, Site, Webhook, WebhookDelivery
from app.webhooks import register, signature
from config.settings import Settings
from tests.support import factories
from tests.support.commands import btl

ADDRESS = "https://search.paper.example/hooks?a=1"
ADDED = ("add", "paper", "search", "--url", ADDRESS, "--event", "comment.published", "--event", "story.opened")
Type = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
def webhook(settings: Settings, database: Database) -> Type:
    """What is typed at a newspaper with one story and a webhook."""
    typed = partial(btl, settings, "site", "webhook")
    with database.transaction() as session:
        factories.story(session, factories.site(session, "paper"))
    assert typed(*ADDED).returncode == 0
    return typed


def the_paper(session: Session) -> Site:
    return session.scalars(select(Site)).one()


def test_a_webhook_is_made_once_and_its_secret_is_shown_once(
    webhook: Type, settings: Settings, database: Database
) -> None:
    again = webhook(*ADDED)
    assert (again.returncode, "There is a webhook of this name." in again.stderr) == (2, True)
    made = webhook(*(each if each != "search" else "cms" for each in ADDED))
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=\n", made.stdout)
    listed = webhook("list").stdout
    assert listed.splitlines()[:2] == [
        f"  {'paper':<16}{'search':<24}{ADDRESS}",
        "    comment.published,story.opened: in order, 0 waiting, 0 given up",
    ]
    with database.reading() as session:
        row = session.scalars(select(Webhook).where(Webhook.name == "cms")).one()
        assert made.stdout.strip() == signature.secret(settings, row)
        assert made.stdout.strip() not in str(vars(row))
        actions = session.scalars(select(LedgerEntry.action).order_by(LedgerEntry.id)).all()
    assert actions == ["webhook.create", "webhook.create"]
    assert "whsec" not in listed


WRONG = (
    ("add", "nowhere", "x", "--url", ADDRESS, "--event", "story.opened"),
    ("add", "paper", "x", "--url", "http://paper.example/", "--event", "story.opened"),
    ("add", "paper", "x", "--url", "https://me:secret@paper.example/", "--event", "story.opened"),
    ("add", "paper", "x", "--url", "https://paper.example:22/", "--event", "story.opened"),
    ("add", "paper", "x", "--url", ADDRESS, "--event", "story.closed"),
    ("add", "paper", "x", "--url", ADDRESS),
    ("replay", "paper", "nothing"),
    ("replay", "paper", "search", "--id", "7"),
    ("replay", "paper", "search", "--id", "7", "--since", "2026-11-30"),
    ("replay", "paper", "search", "--since", "yesterday"),
    ("rotate", "paper", "nothing"),
    ("remove", "nowhere", "search"),
    ("log", "paper", "nothing"),
)


def test_what_is_wrong_is_said(webhook: Type) -> None:
    for wrong in WRONG:
        done = webhook(*wrong)
        assert (done.returncode, done.stderr.startswith(("Error: ", "Usage: "))) == (2, True), wrong
    assert webhook("list").stdout.count("\n") == 2


def test_a_new_secret_is_another_one_and_a_removed_webhook_leaves_nothing(
    webhook: Type, settings: Settings, database: Database
) -> None:
    with database.reading() as session:
        row = session.scalars(select(Webhook)).one()
    new = webhook("rotate", "paper", "search").stdout.strip()
    assert new != signature.secret(settings, row)
    with database.reading() as session:
        row = session.scalars(select(Webhook)).one()
        assert new == signature.secret(settings, row)
    again = webhook("rotate", "paper", "search")
    assert (again.returncode, again.stdout, again.stderr.count("\n")) == (2, "", 1)
    assert row.rotated_at
    assert f"until {row.rotated_at + signature.BOTH_FOR:%Y-%m-%d %H:%M:%S} UTC: rotate it then." in again.stderr
    with database.transaction() as session:
        factories.comment(session, factories.story(session, the_paper(session)), factories.account(session))
    assert webhook("remove", "paper", "search").stdout == "Done: search is removed.\n"
    with database.reading() as session:
        assert session.scalars(select(Webhook)).all() == []
        assert session.scalars(select(WebhookDelivery)).all() == []


def test_the_log_tells_what_to_replay(webhook: Type, database: Database) -> None:
    with database.transaction() as session:
        factories.comment(session, factories.story(session, the_paper(session)), factories.account(session))
        (delivery,) = session.scalars(select(WebhookDelivery)).all()
        delivery.state, delivery.attempts, delivery.answer = "dead", 10, "500"
    line = webhook("log", "paper", "search").stdout
    assert line.split()[2:] == [
        *(str(delivery.id), "comment.published", str(delivery.subject_id), "dead", "10", "attempts,", "500")
    ]
    assert "1 given up" in webhook("list").stdout
    assert webhook("replay", "paper", "search", "--id", str(delivery.id)).stdout == "Done: 1 events are sent again.\n"
    assert webhook("log", "paper", "search").stdout.endswith("waiting    not tried yet\n")
    today = f"{clock.now():%Y-%m-%d}"
    assert webhook("replay", "paper", "search", "--since", today).stdout == "Done: 1 events are sent again.\n"


def test_the_doctor_names_what_is_paused_and_what_was_given_up(
    webhook: Type, settings: Settings, database: Database
) -> None:
    assert doctor_records.webhooks(database, settings) == "1 are told"
    with database.transaction() as session:
        factories.comment(session, factories.story(session, the_paper(session)), factories.account(session))
        session.scalars(select(WebhookDelivery)).one().state = "dead"
    with pytest.raises(Ill, match="paper search: some events were given up"):
        doctor_records.webhooks(database, settings)
    with database.transaction() as session:
        row = session.scalars(select(Webhook)).one()
        row.paused_at, row.paused_for = clock.now(), "gone"
    with pytest.raises(Ill, match="paper search: nothing is sent there any more"):
        doctor_records.webhooks(database, settings)
    assert "UTC, as it has answered 410, 0 waiting, 1 given up" in webhook("list").stdout
    with database.reading() as session:
        assert register.gauges(session) == {"waiting": 0.0, "dead": 1.0, "paused": 1.0}
