"""What neither webhook nor poll brought is found by comparing everything, and mended by whoever always writes."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import clock
from app.billing import subscriptions, sync
from app.billing.entitlement import Reason
from app.gateway.client import Stripe, StripeUnavailable
from app.models import Charge, Customer, StripeCursor, StripeSync, Subscription
from app.reconcile import audit, gauges, runs
from app.reconcile.drift import Difference, Drift
from app.simulator import lifecycle
from config.policy import HouseRules
from config.settings import Settings
from tests.support.paper import Paper


@pytest.fixture
def paper(paper: Paper) -> Paper:
    """No webhook ever arrives."""
    paper.control("knobs", drop_percent=100)
    return paper


def known(paper: Paper, number: int = 1) -> list[str]:
    """Subscriptions of the reader's that we hold as they are at Stripe; their ids."""
    made = [paper.sold(account_id=paper.reader.id) for _ in range(number)]
    with paper.database.transaction() as session:
        for identifier in made:
            sync.request(session, sync.SUBSCRIPTION, identifier)
    paper.work()
    return made


def plant(paper: Paper, identifier: str, **values: object) -> None:
    """Put something wrong into our own row."""
    with paper.database.transaction() as session:
        session.execute(update(Subscription).where(Subscription.id == identifier).values(values))


def row(paper: Paper, identifier: str) -> Subscription:
    with paper.database.reading() as session:
        return session.get_one(Subscription, identifier)


def drifts_of(paper: Paper) -> list[Drift]:
    """What a whole run finds; then the worker does what it left to do."""
    found = [drift for page in runs.whole(paper.database, Stripe(paper.settings)) for drift in page]
    paper.work()
    return found


def gauge(paper: Paper, name: str) -> float:
    with paper.database.reading() as session:
        return gauges.read(session)[name]


def test_where_all_agrees_there_is_no_drift_and_nothing_is_fetched(paper: Paper) -> None:
    (identifier,) = known(paper)
    before = row(paper, identifier).fetched_at
    assert drifts_of(paper) == []
    assert gauge(paper, "drift") == 0
    with paper.database.reading() as session:
        seen = session.get_one(StripeSync, (sync.SUBSCRIPTION, identifier))
    assert (seen.requested_seq, seen.applied_seq) == (1, 1)
    assert row(paper, identifier).fetched_at > before


def test_a_lost_cancellation_ends_the_right_to_write(paper: Paper) -> None:
    (identifier,) = known(paper)
    assert paper.entitlement().allowed
    paper.control(f"subscriptions/{identifier}/cancel")
    paper.work()
    assert paper.entitlement().allowed
    (found,) = drifts_of(paper)
    assert (found.object_type, found.object_id) == ("subscription", identifier)
    assert Difference("status", "active", "canceled") in found.differences
    assert paper.entitlement().reason is Reason.ENDED
    assert gauge(paper, "drift") == 1
    assert drifts_of(paper) == []
    assert gauge(paper, "drift") == 0


@pytest.mark.parametrize(
    "values",
    [
        {"status": "past_due"},
        {"status": "canceled"},
        {"deleted": True},
        {"products": []},
        {"period_end": None},
        {"cancel_at": clock.now()},
        {"ended_at": clock.now()},
        {"trial_end": clock.now()},
        {"paused": "void"},
        {"customer_id": "cus_other"},
        {"account_id": None},
    ],
    ids=lambda values: str(next(iter(values))),
)
def test_whatever_is_wrong_in_our_row_is_found_and_mended(paper: Paper, values: dict[str, object]) -> None:
    (identifier,) = known(paper)
    true = row(paper, identifier)
    plant(paper, identifier, **values)
    (found,) = drifts_of(paper)
    (field,) = values
    assert [difference.field for difference in found.differences] == [field]
    assert getattr(row(paper, identifier), field) == getattr(true, field)


def test_what_nobody_told_us_of_is_found_and_lets_its_reader_write(paper: Paper) -> None:
    identifier = paper.sold(account_id=paper.reader.id)
    (found,) = drifts_of(paper)
    assert found.differences == (Difference("status", None, "active"),)
    assert row(paper, identifier).account_id == paper.reader.id
    assert paper.entitlement().allowed


def test_what_somebody_else_sells_by_the_same_account_at_stripe_is_no_matter_of_ours(paper: Paper) -> None:
    identifier = paper.sold()
    theirs = paper.changed(identifier)["items"]
    theirs["data"][0]["price"] |= {"id": "price_of_a_cookbook", "product": "prod_cookbook"}
    paper.changed(identifier, items=theirs)
    assert drifts_of(paper) == []
    with paper.database.reading() as session:
        assert session.get(Subscription, identifier) is None


def test_what_stripe_no_longer_lists_is_asked_for_and_gone(paper: Paper) -> None:
    gone, _stays = known(paper, 2)
    with paper.simulated.transaction():
        paper.simulated.rows("DELETE FROM objects WHERE id = ?", gone)
    (found,) = drifts_of(paper)
    assert (found.object_id, found.differences) == (gone, (Difference("status", "active", None),))
    assert row(paper, gone).deleted
    assert drifts_of(paper) == []


def test_a_customer_who_was_deleted_unheard_is_noticed_with_what_ended_with_them(paper: Paper) -> None:
    (identifier,) = known(paper)
    customer = row(paper, identifier).customer_id
    with paper.simulated.transaction():
        lifecycle.delete_customer(paper.simulated, paper.simulated.get("customer", customer))
    assert [found.object_id for found in drifts_of(paper)] == [identifier]
    assert not paper.entitlement().allowed
    with paper.database.reading() as session:
        assert session.get_one(Customer, customer).deleted


def test_an_orphan_is_counted_until_its_customer_is_linked_and_then_it_counts(paper: Paper) -> None:
    identifier = paper.sold()
    drifts_of(paper)
    assert row(paper, identifier).account_id is None
    assert gauge(paper, "orphaned_subscriptions") == 1
    with paper.database.transaction() as session:
        customer = select(Customer).where(Customer.id == row(paper, identifier).customer_id)
        session.scalars(customer).one().account_id = paper.reader.id
    (found,) = drifts_of(paper)
    assert found.differences == (Difference("account_id", None, paper.reader.id),)
    assert paper.entitlement().allowed
    assert gauge(paper, "orphaned_subscriptions") == 0


def test_what_is_marked_already_is_on_its_way_and_no_drift(paper: Paper) -> None:
    (identifier,) = known(paper)
    paper.control(f"subscriptions/{identifier}/cancel")
    with paper.database.transaction() as session:
        sync.request(session, sync.SUBSCRIPTION, identifier)
    assert drifts_of(paper) == []
    assert row(paper, identifier).status == "canceled"


def test_what_was_fetched_after_the_list_was_asked_for_is_newer_than_the_list(paper: Paper) -> None:
    (identifier,) = known(paper)

    class Slow(Stripe):
        def slice(self, listing):  # type: ignore[no-untyped-def]
            found = super().slice(listing)
            if found[0] and found[0][0]["object"] == "subscription":
                paper.control(f"subscriptions/{identifier}/cancel")
                with paper.database.transaction() as session:
                    sync.request(session, sync.SUBSCRIPTION, identifier)
                subscriptions.refresh(paper.it, identifier)
            return found

    assert list(runs.whole(paper.database, Slow(paper.settings))) == [[]] * 4
    assert row(paper, identifier).status == "canceled"


def refunded(paper: Paper, identifier: str) -> str:
    """Give the money for a subscription back at Stripe, unheard; the id of the charge."""
    charge = _charge_of(paper, identifier)
    Stripe(paper.settings).change(lambda v1: v1.refunds.create({"charge": charge}))
    return charge


def _charge_of(paper: Paper, identifier: str) -> str:
    customer = paper.simulated.get("subscription", identifier)["customer"]
    charges, _more = Stripe(paper.settings).slice(lambda v1: v1.charges.list({"customer": customer}))
    return str(charges[0]["id"])


def hold_charge(paper: Paper, identifier: str, **values: object) -> None:
    """A row for the charge of a subscription."""
    facts = {"amount_refunded": 0, "fraud_warning": False, "fetched_at": clock.now()}
    with paper.database.transaction() as session:
        session.add(Charge(id=_charge_of(paper, identifier), **(facts | values)))


def test_a_refund_that_nobody_told_us_of_is_found(paper: Paper) -> None:
    (identifier,) = known(paper)
    hold_charge(paper, identifier)
    charge = refunded(paper, identifier)
    (found,) = drifts_of(paper)
    assert (found.object_type, found.object_id) == ("charge", charge)
    assert [(each.field, each.ours) for each in found.differences] == [("amount_refunded", 0)]


@pytest.mark.parametrize("dry", [True, False])
def test_a_dry_look_finds_the_same_and_leaves_no_trace(paper: Paper, dry: bool) -> None:
    _agrees, differs, gone = known(paper, 3)
    plant(paper, differs, status="past_due")
    with paper.simulated.transaction():
        paper.simulated.rows("DELETE FROM objects WHERE id = ?", gone)

    def everything() -> tuple[object, ...]:
        with paper.database.reading() as session:
            rows = session.execute(select(Subscription.id, Subscription.status, Subscription.fetched_at)).all()
            seen = session.execute(select(StripeSync.object_id, StripeSync.requested_seq)).all()
            return sorted(rows), sorted(seen), session.scalars(select(StripeCursor)).all()

    before = everything()
    pages = audit.everything(paper.database, Stripe(paper.settings), None, dry=dry)
    found = [drift.object_id for page in pages for drift in page]
    assert found == [differs, gone]
    assert (everything() == before) is dry


def test_one_reader_is_looked_at_alone(paper: Paper) -> None:
    (identifier,) = known(paper)
    paper.sold()
    plant(paper, identifier, status="past_due")
    pages = audit.of_account(paper.database, Stripe(paper.settings), paper.reader.id, dry=False)
    assert [drift.object_id for page in pages for drift in page] == [identifier]
    paper.work()
    assert paper.entitlement().allowed


class Interrupted(Stripe):
    """Gives way after `pages` pages of subscriptions."""

    def __init__(self, settings: Settings, pages: int) -> None:
        super().__init__(settings)
        self.left = pages

    def slice(self, listing):  # type: ignore[no-untyped-def]
        if not self.left:
            raise StripeUnavailable
        self.left -= 1
        return super().slice(listing)


def test_an_interrupted_run_goes_on_where_it_stopped_and_keeps_its_count(
    paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.gateway.subscriptions.LONGEST_SLICE", 2)
    made = known(paper, 5)
    for identifier in made:
        plant(paper, identifier, status="past_due")
    found: list[str] = []
    for pages in (1, 1, 99):
        with suppress(StripeUnavailable):
            for page in runs.whole(paper.database, Interrupted(paper.settings, pages)):
                found += [drift.object_id for drift in page]
    assert found == list(reversed(made)), "some were looked at twice, or not at all"
    paper.work()
    assert gauge(paper, "drift") == 5
    assert all(row(paper, identifier).status == "active" for identifier in made)


def test_of_two_who_run_at_once_one_gives_way(paper: Paper) -> None:
    known(paper)
    first = runs.whole(paper.database, Stripe(paper.settings))
    next(first)
    assert not runs.nightly(paper.database, Stripe(paper.settings))
    with pytest.raises(runs.Overtaken):
        list(first)
    assert gauge(paper, "drift") == 0


def test_the_nightly_run_is_done_once_a_day(paper: Paper) -> None:
    stripe = Interrupted(paper.settings, 99)
    now = clock.now()
    asked = []
    for hours in (0, 1, 22, 25):
        with clock.pretend(now + timedelta(hours=hours)):
            assert not runs.nightly(paper.database, stripe)
            asked.append(99 - stripe.left)
    assert asked == [3, 3, 3, 6]


def test_a_lease_ends_the_right_to_write_where_nothing_is_ever_heard_again(paper: Paper, house: HouseRules) -> None:
    (identifier,) = known(paper)
    paper.stripe_goes_away()
    period_end = row(paper, identifier).period_end
    assert period_end is not None
    lease = timedelta(days=house.at({}).entitlement.lease_days)
    with clock.pretend(period_end + lease - timedelta(minutes=1)):
        with pytest.raises(StripeUnavailable):
            runs.nightly(paper.database, Stripe(paper.settings))
        assert paper.entitlement().allowed
    with clock.pretend(period_end + lease):
        assert paper.entitlement().reason is Reason.LEASE_ENDED
