"""The simulated Stripe with many customers in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.simulator import crowd
from app.simulator.store import INDEXED, Store
from tests.support.stripe_world import World, running_world

MANY = 2_050


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path) as found:
        crowd.seed_many(found.store, MANY)
        yield found


def test_everybody_is_listed_once_page_by_page(world: World) -> None:
    listing = {"customers": world.client.v1.customers, "subscriptions": world.client.v1.subscriptions}
    for what, service in listing.items():
        found = [each.id for each in service.list({"limit": 100}).auto_paging_iter()]
        assert len(set(found)) == len(found) == MANY, what


def test_everybody_pays_with_a_card_of_their_own(world: World) -> None:
    methods = world.client.v1.payment_methods.list({"limit": 100}).data
    assert len({each.card.fingerprint for each in methods}) == 100
    customer = world.client.v1.customers.list({"email": "reader7@example.org"}).data[0]
    (subscription,) = world.client.v1.subscriptions.list({"customer": customer.id}).data
    assert subscription.status == "active"
    world.control(f"subscriptions/{subscription.id}/renew")
    (charge,) = world.client.v1.charges.list({"customer": customer.id}).data
    assert charge.payment_method == customer.invoice_settings.default_payment_method


def test_nothing_is_looked_up_by_reading_everything(tmp_path: Path) -> None:
    store = Store(tmp_path / "stripe.db")
    for kind, paths in INDEXED.items():
        for path in paths:
            statement = f"SELECT body FROM objects WHERE type = '{kind}' AND json_extract(body, '$.{path}') = 'x'"
            (plan,) = store.rows(f"EXPLAIN QUERY PLAN {statement} ORDER BY seq DESC LIMIT 101")
            assert f"USING INDEX {kind.replace('.', '_')}_" in plan["detail"], (kind, path)
    for kind in ("customer", "subscription", "event"):
        statement = f"SELECT body FROM objects WHERE type = '{kind}' AND seq < 9 ORDER BY seq DESC LIMIT 101"
        (plan,) = store.rows(f"EXPLAIN QUERY PLAN {statement}")
        assert "objects_by_type (type=? AND seq<?)" in plan["detail"], plan["detail"]
