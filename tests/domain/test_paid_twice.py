"""Which of a reader's subscriptions they pay for in vain: what an earlier one has too that is paid and goes on."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import clock
from app.billing import paid_twice
from app.db import Database
from app.models import Account, Subscription
from config.policy import HouseRules
from tests.support import factories
from tests.support.factories import PRODUCT


def bought(session: Session, reader: Account, days_ago: int, **facts: Any) -> Subscription:
    made = factories.subscribe(session, reader)
    paid = {"paid_invoice": f"in_{made.id}", "paid_amount": 499, "started_at": clock.now() - timedelta(days=days_ago)}
    for name, value in (paid | facts).items():
        setattr(made, name, value)
    session.flush()
    return made


def in_vain(session: Session, house: HouseRules, reader: Account) -> list[str]:
    return [each.subscription.id for each in paid_twice.find(session, house, reader.id)]


MONTHLY, YEARLY = [PRODUCT, "price_monthly"], [PRODUCT, "price_yearly"]


def test_of_three_that_sell_the_same_the_first_is_wanted(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        factories.site(session)
        reader = factories.account(session)
        last = bought(session, reader, 1, products=MONTHLY)
        first = bought(session, reader, 3, products=MONTHLY)
        second = bought(session, reader, 2, products=YEARLY)
        assert in_vain(session, house, reader) == [second.id, last.id]
        assert paid_twice.earlier(session, last) == sorted([first.id, second.id])
        assert paid_twice.earlier(session, first) == []


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        ({}, {"products": [PRODUCT, "price_a", "prod_epaper", "price_b"]}, "it has something more"),
        ({"status": "past_due"}, {}, "the first is not paid"),
        ({"status": "canceled"}, {}, "the first is over"),
        ({"written_off": True}, {}, "the first period is written off"),
        ({"period_end": clock.EPOCH}, {}, "nothing is heard of the first any more"),
        ({"cancel_at": "tomorrow"}, {}, "the first ends, and the second follows on it"),
        ({"paid_amount": 0}, {}, "nothing was paid for the first"),
        ({}, {"paid_amount": 0}, "nothing was paid for the second"),
        ({}, {"paid_amount": None, "paid_invoice": None, "awaited": True}, "the money has not arrived"),
        ({}, {"status": "trialing"}, "it is on trial"),
        ({}, {"deleted": True}, "it is gone"),
        ({}, {"products": ["prod_epaper", "price_b"]}, "it lets nobody write"),
        ({"products": ["old-plan"]}, {"products": ["other-plan"]}, "they are two plans of long ago"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_second_purchase(
    database: Database, house: HouseRules, first: dict[str, Any], second: dict[str, Any], why: str
) -> None:
    with database.transaction() as session:
        factories.site(session, products=(PRODUCT, "old-plan", "other-plan"))
        reader = factories.account(session)
        if "cancel_at" in first:
            first = {"cancel_at": clock.now() + timedelta(days=1)}
        bought(session, reader, 3, **({"products": MONTHLY} | first))
        bought(session, reader, 2, **({"products": MONTHLY} | second))
        assert in_vain(session, house, reader) == [], why


def test_one_that_sells_at_another_newspaper_as_well_is_wanted(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        factories.site(session, products=("prod_a",))
        factories.site(session, products=("prod_b",))
        reader = factories.account(session)
        bought(session, reader, 3, products=["prod_a", "price_1"])
        both = bought(session, reader, 2, products=["prod_a", "price_1", "prod_b", "price_2"])
        assert in_vain(session, house, reader) == []
        third = bought(session, reader, 1, products=["prod_b", "price_2"])
        assert in_vain(session, house, reader) == [third.id]
        assert paid_twice.earlier(session, third) == [both.id]


def test_what_belongs_to_two_readers_is_each_ones_own(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        factories.site(session)
        one, other = factories.account(session), factories.account(session)
        for reader in (one, other):
            bought(session, reader, 1)
        assert in_vain(session, house, one) == in_vain(session, house, other) == []
