"""What is kept of the comparison of names, what changes it, and what readers see of that."""

import pytest
from sqlalchemy import func, select

from app import clock
from app.accounts import erasure, names, standing
from app.db import Database
from app.errors import Conflict
from app.models import Account, Customer, Item, Job, PaymentCase
from app.models.account import EXCEPTION, MATCH, MISMATCH
from app.models.payment_case import NAME_MISMATCH
from app.models.sanction import SUSPENSION
from app.payers import name_checks
from config.policy import HouseRules
from tests.support import factories
from tests.support.scorers import Marked

FINE = Marked().score(["fine"], 1)


@pytest.fixture
def asking(house: HouseRules) -> HouseRules:
    """The policy of a paper that shows whose name is the payer's."""
    return HouseRules(house.at({"payments": {"names": "badge"}}))


def jobs(database: Database, kind: str) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Job).where(Job.kind == kind)) or 0


def reader_with(database: Database, name_check: str | None) -> int:
    with database.transaction() as session:
        factories.site(session)
        reader = factories.account(session, "Alice Gull")
        reader.name_check = name_check
        return reader.id


def check_of(database: Database, account_id: int) -> str | None:
    with database.reading() as session:
        return session.get_one(Account, account_id).name_check


@pytest.mark.parametrize("before", [MATCH, MISMATCH, EXCEPTION])
def test_another_name_is_unchecked_until_it_is_compared_whatever_the_old_one_was(
    database: Database, house: HouseRules, before: str
) -> None:
    reader_id = reader_with(database, before)
    with database.transaction() as session:
        names.change(session, house, reader_id, "Beatrice Gull", FINE)
    assert check_of(database, reader_id) is None
    assert jobs(database, names.COMPARE) == 1


def test_a_name_that_a_moderator_takes_away_takes_its_check_along(database: Database) -> None:
    reader_id = reader_with(database, MATCH)
    with database.transaction() as session:
        names.reset_name(session, standing.lock(session, reader_id), actor_id=7)
    assert check_of(database, reader_id) is None


def test_a_name_that_is_refused_keeps_its_check(database: Database, house: HouseRules) -> None:
    reader_id = reader_with(database, MATCH)
    with database.transaction() as session:
        factories.account(session, "Mary Gull")
    with database.transaction() as session, pytest.raises(Conflict):
        names.change(session, house, reader_id, "Rnary Gull", FINE)
    assert check_of(database, reader_id) == MATCH
    assert jobs(database, names.COMPARE) == 0


def test_an_erased_account_keeps_no_check(database: Database) -> None:
    reader_id = reader_with(database, MATCH)
    with database.transaction() as session:
        erasure.erase(session, reader_id)
    assert check_of(database, reader_id) is None


@pytest.mark.parametrize(
    ("before", "after", "shown_anew"),
    [
        (None, MATCH, True),
        (MATCH, MISMATCH, True),
        (MISMATCH, EXCEPTION, True),
        (None, MISMATCH, False),
        (MATCH, MATCH, False),
        (MATCH, EXCEPTION, False),
    ],
)
def test_stories_are_shown_anew_when_the_badge_comes_or_goes_and_only_then(
    database: Database, before: str | None, after: str, shown_anew: bool
) -> None:
    reader_id = reader_with(database, before)
    with database.transaction() as session:
        name_checks.settle(session, session.get_one(Account, reader_id), after)
    assert check_of(database, reader_id) == after
    assert jobs(database, names.REFRESH) == shown_anew


class TestAskingForAnException:
    def test_who_is_suspended_may_not(self, database: Database, asking: HouseRules) -> None:
        reader_id = reader_with(database, MISMATCH)
        with database.transaction() as session:
            site = factories.site(session)
            factories.sanction(session, session.get_one(Account, reader_id), SUSPENSION, at=site)
        with database.transaction() as session, pytest.raises(standing.Restricted):
            name_checks.ask_for_exception(session, asking, reader_id)

    @pytest.mark.parametrize("check", [MATCH, EXCEPTION])
    def test_whose_name_is_fine_need_not(self, database: Database, asking: HouseRules, check: str) -> None:
        reader_id = reader_with(database, check)
        with database.transaction() as session, pytest.raises(Conflict) as refusal:
            name_checks.ask_for_exception(session, asking, reader_id)
        assert refusal.value.code == "no_exception_needed"

    def test_nor_does_anybody_where_names_are_free(self, database: Database, house: HouseRules) -> None:
        reader_id = reader_with(database, MISMATCH)
        with database.transaction() as session, pytest.raises(Conflict):
            name_checks.ask_for_exception(session, house, reader_id)

    @pytest.mark.parametrize("check", [MISMATCH, None])
    def test_it_asks_the_moderators_of_a_paper_that_wants_to_know_once_for_each_name(
        self, database: Database, house: HouseRules, check: str | None
    ) -> None:
        reader_id = reader_with(database, check)
        with database.transaction() as session:
            strict = factories.site(session)
            strict.policy = {"payments": {"names": "required"}}
        with database.transaction() as session:
            name_checks.ask_for_exception(session, house, reader_id)
        with database.transaction() as session, pytest.raises(Conflict) as refusal:
            name_checks.ask_for_exception(session, house, reader_id)
        assert refusal.value.code == "already_asked"
        with database.transaction() as session:
            item = session.scalars(select(Item)).one()
            assert (item.kind, item.site_id, item.account_id) == ("payment", strict.id, reader_id)
            names.change(session, house, reader_id, "Beatrice Gull", FINE)
        with database.transaction() as session:
            name_checks.ask_for_exception(session, house, reader_id)
            assert [case.kind for case in session.scalars(select(PaymentCase))] == [NAME_MISMATCH] * 2


def test_all_who_ever_paid_are_compared_one_after_the_other(database: Database) -> None:
    with database.transaction() as session:
        factories.account(session)
        session.add(Customer(id="cus_orphan", created_at=clock.now()))
        for _number in range(name_checks.BATCH_ACCOUNTS + 1):
            factories.subscribe(session, factories.account(session))
        name_checks.check_all(session)
    with database.transaction() as session:
        planned = session.scalars(select(Job.run_at).where(Job.kind == names.COMPARE).order_by(Job.run_at)).all()
        assert len(planned) == name_checks.BATCH_ACCOUNTS
        assert planned[-1] - planned[0] == (name_checks.BATCH_ACCOUNTS - 1) * name_checks.TIME_BETWEEN_CHECKS
        rest = session.scalars(select(Job).where(Job.kind == name_checks.CHECK_ALL)).one()
        assert rest.run_at > planned[-1]
        name_checks.check_all(session, int(rest.payload["after"]))
    assert jobs(database, names.COMPARE) == name_checks.BATCH_ACCOUNTS + 1
