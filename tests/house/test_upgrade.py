"""An installation that was made before payments (0001) keeps what it holds: on the way up, and on the way back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from app.db import Database
from migrations import upgrade as migrations

AT = datetime(2026, 3, 1, tzinfo=UTC)
Row = dict[str, Any]
ACCOUNT, SITE, DECISION = 1, 2, 3
SUBSCRIPTION: Row = {
    "id": "sub_1", "customer_id": "cus_1", "account_id": ACCOUNT, "status": "active", "products": '["prod_1"]',
    "deleted": False, "fetched_at": AT,
}  # fmt: skip
DECIDED: Row = {
    "id": DECISION, "site_id": SITE, "subject_type": "account", "subject_id": ACCOUNT, "account_id": ACCOUNT,
    "action": "dismiss", "reason": "nothing in it", "before": "{}", "created_at": AT,
}  # fmt: skip
# in an order that foreign keys allow
HELD: dict[str, Row] = {
    "accounts": {
        "id": ACCOUNT, "name": "Ada", "name_skeleton": "ada", "session_epoch": 1, "language": "en", "state": "active",
        "origin": "site", "created_at": AT,
    },
    "sites": {
        "id": SITE, "key": "gazette", "name": "Gazette", "origins": "[]", "policy": "{}", "products": '["prod_1"]',
        "created_at": AT,
    },
    "customers": {"id": "cus_1", "account_id": ACCOUNT, "deleted": False, "created_at": AT},
    "subscriptions": SUBSCRIPTION | {"refunded": False, "disputed": False},
    "one_time_tokens": {
        "id": 4, "account_id": ACCOUNT, "purpose": "reset", "digest": "0123", "created_at": AT, "expires_at": AT,
    },
    "letters": {
        "id": 5, "account_id": ACCOUNT, "kind": "reset", "parameters": "{}", "language": "en", "created_at": AT,
    },
    "decisions": DECIDED,
    "stripe_sync": {"object_type": "subscription", "object_id": "sub_1", "requested_seq": 2, "applied_seq": 1},
    "stripe_events": {
        "id": "evt_1", "type": "invoice.paid", "livemode": False, "sha256": "00", "source": "webhook",
        "state": "queued", "created_at": AT, "received_at": AT,
    },
}  # fmt: skip


@pytest.fixture
def installation(database: Database) -> Database:
    """A database as it was before payments, with a row in each of the tables that they change."""
    with database.transaction() as session:
        for table in inspect(session.connection()).get_table_names():
            session.execute(text(f'DROP TABLE "{table}"' + ("" if database.is_sqlite else " CASCADE")))
    migrations.upgrade(database, "0001")
    present = tables(database)
    with database.transaction() as session:
        for table, row in HELD.items():
            session.execute(insert(present[table]).values(row))
    return database


def add(database: Database, table: str, row: Row) -> None:
    with database.transaction() as session:
        session.execute(insert(tables(database)[table]).values(row))


def tables(database: Database) -> Any:
    found = MetaData()
    found.reflect(database.engine, only=list(HELD))
    return found.tables


def held(database: Database) -> dict[str, Row]:
    """The rows, as far as they had those columns before."""
    found, present = {}, tables(database)
    with database.reading() as session:
        for name, row in HELD.items():
            (kept,) = session.execute(select(present[name])).mappings().all()
            found[name] = {column: kept[column] for column in row if column in kept}
    return found


def columns(database: Database) -> dict[str, set[str]]:
    return {name: set(table.columns.keys()) for name, table in tables(database).items()}


def downgrade(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", "migrations")
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")


def test_every_row_survives_the_upgrade(installation: Database) -> None:
    before = held(installation)
    migrations.upgrade(installation)
    given_up = {"refunded", "disputed"}
    before["subscriptions"] = {name: it for name, it in before["subscriptions"].items() if name not in given_up}
    assert held(installation) == before


def test_the_constraints_hold_after_the_upgrade(installation: Database) -> None:
    migrations.upgrade(installation)
    add(installation, "decisions", DECIDED | {"id": 30, "action": "allow"})
    with pytest.raises(IntegrityError):
        add(installation, "decisions", DECIDED | {"id": 31, "action": "ban"})
    token = HELD["one_time_tokens"]
    add(installation, "one_time_tokens", token | {"id": 40, "digest": "4567", "purpose": "claim"})
    for refused in ({"purpose": "gift"}, {"digest": token["digest"]}, {"account_id": 99}):
        with pytest.raises(IntegrityError):
            add(installation, "one_time_tokens", token | {"id": 41, "digest": "89ab", **refused})


def test_the_way_back_keeps_what_was_there_and_drops_what_has_no_place_any_more(installation: Database) -> None:
    before, shape = held(installation), columns(installation)
    migrations.upgrade(installation)
    add(installation, "customers", {"id": "cus_orphan", "features": "[]", "deleted": False, "created_at": AT})
    claim = {"id": 40, "digest": "4567", "purpose": "claim", "customer_id": "cus_orphan"}
    add(installation, "one_time_tokens", HELD["one_time_tokens"] | claim)
    downgrade(installation)
    assert (held(installation), columns(installation)) == (before, shape)
    with pytest.raises(IntegrityError):
        add(installation, "customers", {"id": "cus_2", "account_id": None, "deleted": False, "created_at": AT})


def test_what_a_moderator_allowed_meanwhile_does_not_bar_the_way_back(installation: Database) -> None:
    migrations.upgrade(installation)
    add(installation, "decisions", DECIDED | {"id": 30, "action": "allow"})
    downgrade(installation)
    with installation.reading() as session:
        decisions = tables(installation)["decisions"]
        assert dict(session.execute(select(decisions.c.id, decisions.c.action)).all()) == {
            DECISION: "dismiss",
            30: "dismiss",
        }
    with pytest.raises(IntegrityError):
        add(installation, "decisions", DECIDED | {"id": 31, "action": "allow"})
    migrations.upgrade(installation)
    assert not migrations.missing(installation)
