from datetime import timedelta

import pytest
import time_machine

from app import clock
from app.accounts import erasure, identity, sanctions, standing
from app.accounts.identity import ANONYMOUS
from app.db import Database
from app.errors import NotFound
from app.models import Account, BannedToken, LedgerEntry
from app.models.sanction import BAN, SUSPENSION, WARNING
from config.policy import HouseRules
from tests.support import factories, moderating


def decided(database: Database) -> tuple[Account, int]:
    """A reader, and a decision that a sanction can follow from."""
    with database.transaction() as session:
        site, reader = factories.site(session), factories.account(session)
        decision = factories.sanction(session, reader, WARNING, at=site, acknowledged=True).decision_id
    return reader, decision


def test_a_ban_ends_sessions_and_keeps_the_mailbox_until_it_is_lifted(database: Database) -> None:
    reader, decision = decided(database)
    assert reader.email_token
    with database.transaction() as session:
        ban = sanctions.impose(session, standing.lock(session, reader.id), BAN, "moderator", decision)
        assert identity.load(session, reader.id, 0) is ANONYMOUS
        assert standing.read(session, reader.id).kind == BAN
        assert sanctions.is_banned_mailbox(session, reader.email_token)
        sanctions.lift(session, ban, decision)
        assert standing.read(session, reader.id).good
        assert not sanctions.is_banned_mailbox(session, reader.email_token)
        assert session.query(BannedToken).count() == 1
    with database.transaction() as session:
        lifted_at = ban.lifted_at
        sanctions.lift(session, ban, decision)
        assert ban.lifted_at == lifted_at


@pytest.mark.parametrize("kind", [WARNING, SUSPENSION])
def test_nothing_less_than_a_ban_ends_sessions_or_keeps_the_mailbox(database: Database, kind: str) -> None:
    reader, decision = decided(database)
    with database.transaction() as session:
        until = clock.now() + timedelta(days=7) if kind == SUSPENSION else None
        sanctions.impose(session, standing.lock(session, reader.id), kind, "ladder", decision, until)
        assert identity.load(session, reader.id, 0) is not ANONYMOUS
        assert standing.read(session, reader.id).until == until
        assert session.query(BannedToken).count() == 0


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


def test_erasing_the_account_is_no_way_out_of_a_suspension(database: Database) -> None:
    reader, decision = decided(database)
    assert reader.email_token
    with time_machine.travel(clock.now(), tick=False) as now, database.transaction() as session:
        until = clock.now() + timedelta(days=2)
        sanctions.impose(session, standing.lock(session, reader.id), SUSPENSION, "machine", decision, until)
        erasure.erase(session, reader.id)
        assert sanctions.is_banned_mailbox(session, reader.email_token)
        now.move_to(until)
        assert not sanctions.is_banned_mailbox(session, reader.email_token)


@pytest.mark.parametrize("kind", [SUSPENSION, BAN])
@pytest.mark.parametrize("returns", [False, True], ids=["gone", "signed up again"])
def test_what_is_decided_after_the_account_was_erased_finds_its_owner(
    database: Database, house: HouseRules, kind: str, returns: bool
) -> None:
    reader, decision = decided(database)
    assert reader.email_token
    with database.transaction() as session:
        moderating.ask_about_name(session, house, reader, factories.site(session).id)
        erasure.erase(session, reader.id)
        assert not sanctions.is_banned_mailbox(session, reader.email_token)
        again = factories.account(session)
        if returns:
            again.email_token = reader.email_token
            session.flush()
        erased = session.get_one(Account, reader.id)
        ends = clock.now() + timedelta(days=7) if kind == SUSPENSION else None
        sanctions.impose(session, erased, kind, "moderator", decision, ends)
        assert sanctions.is_banned_mailbox(session, reader.email_token)
        assert standing.read(session, again.id).kind == (kind if returns else "good")


def test_who_leaves_without_a_question_open_leaves_no_mailbox(database: Database) -> None:
    reader, decision = decided(database)
    assert reader.email_token
    with database.transaction() as session:
        erasure.erase(session, reader.id)
        sanctions.impose(session, session.get_one(Account, reader.id), BAN, "moderator", decision)
        assert session.query(LedgerEntry.details).scalar() == {"mailbox": None}
        assert session.query(BannedToken).count() == 0
