from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import identity, sanctions, standing
from app.accounts.identity import ANONYMOUS
from app.db import Database
from app.errors import NotFound
from app.models import Account, Trait
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.models.trait import MAILBOX
from tests.support import factories


def decided(database: Database) -> tuple[Account, int]:
    """A reader, and a decision that a sanction can follow from."""
    with database.transaction() as session:
        site, reader = factories.site(session), factories.account(session)
        decision = factories.sanction(session, reader, WARNING, at=site, acknowledged=True).decision_id
    return reader, decision


def mailbox_of(session: Session, account: Account) -> str:
    mine = select(Trait.token).where(Trait.account_id == account.id, Trait.kind == MAILBOX)
    return session.scalars(mine).one()


def barring(session: Session, mailbox: str) -> str | None:
    """The kind of sanction that keeps new accounts from a mailbox."""
    found = sanctions.on_mailbox(session, mailbox)
    return found.kind if found else None


def test_a_ban_ends_sessions_and_keeps_the_mailbox_until_it_is_lifted(database: Database) -> None:
    reader, decision = decided(database)
    with database.transaction() as session:
        mailbox = mailbox_of(session, reader)
        ban = sanctions.impose(session, standing.lock(session, reader.id), BAN, "moderator", decision)
        assert identity.load(session, reader.id, 0) is ANONYMOUS
        assert standing.read(session, reader.id).kind == BAN
        assert barring(session, mailbox) == BAN
        sanctions.lift(session, ban, decision)
        assert standing.read(session, reader.id).good
        assert barring(session, mailbox) is None
    with database.transaction() as session:
        lifted_at = ban.lifted_at
        sanctions.lift(session, ban, decision)
        assert ban.lifted_at == lifted_at


def test_a_warning_ends_no_session_and_keeps_no_mailbox(database: Database) -> None:
    reader, decision = decided(database)
    with database.transaction() as session:
        sanctions.impose(session, standing.lock(session, reader.id), WARNING, "ladder", decision)
        assert identity.load(session, reader.id, 0) is not ANONYMOUS
        assert barring(session, mailbox_of(session, reader)) is None


def test_a_suspension_keeps_the_mailbox_while_it_lasts_and_ends_no_session(database: Database) -> None:
    reader, decision = decided(database)
    with time_machine.travel(clock.now(), tick=False) as now, database.transaction() as session:
        until = clock.now() + timedelta(days=7)
        sanctions.impose(session, standing.lock(session, reader.id), SUSPENSION, "ladder", decision, until)
        assert identity.load(session, reader.id, 0) is not ANONYMOUS
        assert standing.read(session, reader.id).until == until
        assert barring(session, mailbox_of(session, reader)) == SUSPENSION
        now.move_to(until)
        assert barring(session, mailbox_of(session, reader)) is None


def test_only_a_warning_of_ones_own_is_acknowledged(database: Database) -> None:
    reader, decision = decided(database)
    with database.transaction() as session:
        other = factories.account(session)
        reader = standing.lock(session, reader.id)
        warning = sanctions.impose(session, reader, WARNING, "moderator", decision)
        with pytest.raises(NotFound):
            sanctions.acknowledge(session, other, warning.id)
        assert standing.read(session, reader.id).kind == WARNING
        sanctions.acknowledge(session, reader, warning.id)
        assert standing.read(session, reader.id).good
