"""The rows of an account become the facts of the rule, in one statement."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from app import clock
from app.billing import facts, grants
from app.billing.entitlement import Reason
from app.db import Database
from app.ids import new_id
from app.models import Charge, Subscription
from app.models.sanction import BAN
from config.policy import HouseRules
from tests.support import factories
from tests.support.factories import PRODUCT

NOW = clock.now()
DAY = timedelta(days=1)


def subscribe(account_id: int | None, **values: object) -> Subscription:
    known: dict[str, object] = {
        "id": f"sub_{new_id()}",
        "customer_id": "cus_1",
        "account_id": account_id,
        "status": "active",
        "products": [PRODUCT, "price_1"],
        "period_end": NOW + 10 * DAY,
        "fetched_at": NOW,
    }
    return Subscription(**known | values)


def test_nothing_known_is_no_subscription(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        site, account = factories.site(session), factories.account(session)
        answer = facts.entitlement(session, account.id, site, NOW, house.at({}))
    assert (answer.allowed, answer.reason) == (False, Reason.NO_SUBSCRIPTION)


def test_a_subscription_to_what_the_site_sells_grants(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        site, other = factories.site(session), factories.site(session, products=("prod_other",))
        account = factories.account(session)
        session.add(subscribe(account.id))
        session.flush()
        here = facts.entitlement(session, account.id, site, NOW, house.at({}))
        there = facts.entitlement(session, account.id, other, NOW, house.at({}))
    assert (here.allowed, here.until) == (True, NOW + 13 * DAY)
    assert (there.allowed, there.reason) == (False, Reason.NO_SUBSCRIPTION)


def test_every_column_reaches_the_rule(database: Database, house: HouseRules) -> None:
    rows: list[tuple[dict[str, object], Reason]] = [
        ({"ended_at": NOW - DAY}, Reason.ENDED),
        ({"cancel_at": NOW - DAY}, Reason.ENDED),
        ({"deleted": True}, Reason.NO_SUBSCRIPTION),
        ({"paused": "void", "period_end": NOW - DAY}, Reason.COLLECTION_PAUSED),
        ({"status": "trialing", "trial_end": NOW + DAY}, Reason.TRIAL),
        ({"status": "past_due", "first_failure_at": NOW - DAY, "paid_invoice": "in_1"}, Reason.PAST_DUE_GRACE),
        ({"status": "past_due", "first_failure_at": NOW - 8 * DAY, "paid_invoice": "in_1"}, Reason.PAST_DUE),
        ({"status": "past_due", "first_failure_at": NOW - DAY}, Reason.PAST_DUE),
        ({"written_off": True}, Reason.UNPAID),
        ({"awaited": True}, Reason.INCOMPLETE),
        ({"status": "brand_new"}, Reason.UNKNOWN_STATUS),
    ]
    with database.transaction() as session:
        site = factories.site(session)
        for values, reason in rows:
            account = factories.account(session)
            session.add(subscribe(account.id, **values))
            session.flush()
            assert facts.entitlement(session, account.id, site, NOW, house.at({})).reason is reason


def charge(subscription: Subscription, **values: object) -> Charge:
    known: dict[str, object] = {
        "id": f"ch_{new_id()}",
        "subscription_id": subscription.id,
        "invoice_id": "in_1",
        "amount_refunded": 0,
        "fraud_warning": False,
        "fetched_at": NOW,
    }
    return Charge(**known | values)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, Reason.ACTIVE),
        ({"amount_refunded": 500}, Reason.REFUNDED),
        ({"amount_refunded": 500, "invoice_id": "in_0"}, Reason.ACTIVE),
        ({"amount_refunded": 499}, Reason.ACTIVE),
        ({"dispute_status": "needs_response"}, Reason.DISPUTE),
        ({"dispute_status": "lost", "invoice_id": "in_0"}, Reason.DISPUTE),
        ({"dispute_status": "won"}, Reason.ACTIVE),
        ({"dispute_status": "warning_needs_response"}, Reason.ACTIVE),
        ({"dispute_status": "lost", "subscription_id": "sub_other"}, Reason.ACTIVE),
    ],
)
def test_what_became_of_a_payment_decides(
    database: Database, house: HouseRules, values: dict[str, object], reason: Reason
) -> None:
    with database.transaction() as session:
        site, account = factories.site(session), factories.account(session)
        paid = subscribe(account.id, paid_invoice="in_1", paid_amount=500)
        session.add_all([paid, charge(paid, **values)])
        session.flush()
        assert facts.entitlement(session, account.id, site, NOW, house.at({})).reason is reason


@pytest.mark.parametrize(("back", "reason"), [((400, 100), Reason.REFUNDED), ((400, 0), Reason.ACTIVE)])
def test_of_a_payment_in_two_charges_the_sum_decides(
    database: Database, house: HouseRules, back: tuple[int, int], reason: Reason
) -> None:
    with database.transaction() as session:
        site, account = factories.site(session), factories.account(session)
        paid = subscribe(account.id, paid_invoice="in_1", paid_amount=500)
        session.add_all([paid, *(charge(paid, amount_refunded=amount) for amount in back)])
        session.flush()
        assert facts.entitlement(session, account.id, site, NOW, house.at({})).reason is reason


def test_each_site_has_the_period_of_what_it_sells(database: Database, house: HouseRules) -> None:
    """One subscription, by the month for one site and by the year for another."""
    with database.transaction() as session:
        site, other = factories.site(session), factories.site(session, products=("prod_year",))
        account = factories.account(session)
        now = NOW.replace(microsecond=0)
        month, year = (int((now + days * DAY).timestamp()) for days in (10, 300))
        periods = {"price_1": {"product": PRODUCT, "end": month}, "price_2": {"product": "prod_year", "end": year}}
        both = {"products": [PRODUCT, "prod_year"], "periods": periods, "period_end": now + 300 * DAY}
        session.add(subscribe(account.id, **both))
        session.flush()
        untils = [facts.entitlement(session, account.id, each, NOW, house.at({})).until for each in (site, other)]
    assert untils == [now + 13 * DAY, now + 303 * DAY]


def test_another_readers_subscription_and_an_orphan_do_not_count(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        site, account, other = factories.site(session), factories.account(session), factories.account(session)
        session.add(subscribe(other.id))
        session.add(subscribe(None))
        session.flush()
        assert not facts.entitlement(session, account.id, site, NOW, house.at({})).allowed


def test_a_grant_counts_on_its_site_until_it_ends_or_is_revoked(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        site, other, editor, reader = (
            factories.site(session),
            factories.site(session),
            factories.account(session),
            factories.account(session),
        )
        grant = grants.give(session, editor.id, reader.id, site.id, "guest author", clock.now() + DAY)
        session.flush()

        def allowed(at: object = site, later: timedelta = timedelta()) -> bool:
            return facts.entitlement(session, reader.id, at, clock.now() + later, house.at({})).allowed  # type: ignore[arg-type]

        assert allowed()
        assert not allowed(other)
        assert not allowed(later=DAY)
        grants.revoke(session, editor.id, grant.id)
        session.flush()
        assert not allowed()


def test_a_banned_reader_is_never_entitled(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        site, account = factories.site(session), factories.account(session)
        session.add(subscribe(account.id))
        ban = factories.sanction(session, account, BAN, at=site)
        ban.starts_at = NOW - DAY
        session.flush()
        assert facts.entitlement(session, account.id, site, NOW, house.at({})).reason is Reason.BANNED
        ban.lifted_at = NOW
        session.flush()
        assert facts.entitlement(session, account.id, site, NOW, house.at({})).allowed


def test_it_is_one_statement(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        site, account = factories.site(session), factories.account(session)
        session.add_all([subscribe(account.id), subscribe(account.id)])
        session.flush()
        statements: list[str] = []
        event.listen(database.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
        facts.entitlement(session, account.id, site, NOW, house.at({}))
    assert len(statements) == 1
