"""The operator's list of whose customer is whose: what is linked, what is not, and that it may be run again."""

import pytest
from sqlalchemy import select

from app import clock
from app.accounts import erasure
from app.billing import link_by_list
from app.billing.link_by_list import NotAList
from app.db import Database
from app.models import Customer, LedgerEntry, PaymentCase
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled

CUSTOMERS = [f"cus_{n}" for n in range(8)]


@pytest.fixture
def lines(database: Database, settings: Settings) -> list[str]:
    """One row for each end that a row can come to."""
    with database.transaction() as session:
        factories.site(session)
        for customer in CUSTOMERS:
            session.add(Customer(id=customer, account_id=None, created_at=clock.now()))
        session.add(Customer(id="cus_deleted", account_id=None, deleted=True, created_at=clock.now()))
        by_id = factories.account(session)
        factories.account(session, email="Reader.One@gmail.com", settings=settings)
        factories.account(session, email="unconfirmed@example.org", settings=settings, verified=False)
        erased = factories.account(session, email="gone@example.org", settings=settings)
        erasure.erase(session, erased.id)
        session.get_one(Customer, "cus_1").account_id = by_id.id
        session.get_one(Customer, "cus_2").account_id = erased.id
    return [
        "note,customer,account\n",
        f"linked by its id,cus_0,{by_id.id}\n",
        f"already,cus_1,{by_id.id}\n",
        f"claimed twice,cus_2,{by_id.id}\n",
        "linked by a spelling of the address, cus_3 , readerone+paper@googlemail.com\n",
        "unknown account,cus_4,unconfirmed@example.org\n",
        "unknown account,cus_4,gone@example.org\n",
        f"unknown account,cus_4,{erased.id}\n",
        "unknown account,cus_4,not@an@address\n",
        "unknown account,cus_4,\n",
        "unknown account,cus_4\n",
        f"unknown customer,cus_unheard_of,{by_id.id}\n",
        f"unknown customer,cus_deleted,{by_id.id}\n",
        f"unknown customer,,{by_id.id}\n",
    ]


ENDS = {"linked": 2, "already": 1, "claimed_twice": 1, "unknown account": 6, "unknown customer": 3}


def owners(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(Customer.id).where(Customer.account_id.is_not(None))).all())


def test_every_row_comes_to_its_end_and_again_to_the_same(
    database: Database, settings: Settings, house: HouseRules, lines: list[str]
) -> None:
    told: list[tuple[int, str]] = []
    ends = link_by_list.link_all(
        assembled(settings, house, database), lines, tell=lambda line, end: told.append((line, end))
    )
    assert ends == ENDS
    assert told[0] == (2, "linked")
    again = link_by_list.link_all(assembled(settings, house, database), lines)
    assert (again["linked"], again["already"], again["claimed_twice"]) == (0, 3, 1)
    with database.reading() as session:
        assert len(session.scalars(select(PaymentCase)).all()) == 1
        proofs = session.scalars(select(LedgerEntry.details).where(LedgerEntry.action == "customer.link"))
        assert [details["proof"] for details in proofs] == ["operator"] * 2
    assert owners(database) == 4


def test_a_dry_run_says_the_same_and_changes_nothing(
    database: Database, settings: Settings, house: HouseRules, lines: list[str]
) -> None:
    assert link_by_list.link_all(assembled(settings, house, database), lines, dry_run=True) == ENDS
    assert owners(database) == 2
    with database.reading() as session:
        assert session.scalars(select(PaymentCase)).all() == []


@pytest.mark.parametrize("head", ["", "customer\n", "customer;account\n"])
def test_a_file_without_the_columns_is_refused(
    database: Database, settings: Settings, house: HouseRules, head: str
) -> None:
    with pytest.raises(NotAList):
        link_by_list.link_all(assembled(settings, house, database), [head, "cus_0,1\n"])


def test_no_address_is_written_down(
    database: Database, settings: Settings, house: HouseRules, lines: list[str]
) -> None:
    link_by_list.link_all(assembled(settings, house, database), lines)
    with database.reading() as session:
        assert "@" not in repr([entry.details for entry in session.scalars(select(LedgerEntry))])
