"""The migrations make exactly the tables that the models describe, go back, and survive an interruption."""

from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from app.db import Database
from app.models import Model
from migrations import upgrade as migrations


def alembic(database: Database, ask: Callable[..., object], *words: str) -> None:
    config = Config()
    config.set_main_option("script_location", "migrations")
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        ask(config, *words)


def drop_everything(database: Database) -> None:
    with database.transaction() as session:
        for table in reversed(inspect(session.connection()).get_table_names()):
            session.execute(text(f'DROP TABLE "{table}"' + ("" if database.is_sqlite else " CASCADE")))


def schema(database: Database) -> dict[str, dict[str, Any]]:
    """What the database says of its tables, in no order."""
    with database.engine.connect() as connection:
        found = inspect(connection)
        return {
            table: {
                "columns": {each["name"]: {**each, "type": str(each["type"])} for each in found.get_columns(table)},
                "checks": {each["name"]: each["sqltext"] for each in found.get_check_constraints(table)},
                "indexes": {each["name"]: {**each, **conditions(each)} for each in found.get_indexes(table)},
            }
            for table in set(found.get_table_names()) - {"alembic_version"}
        }


def conditions(index: Any) -> dict[str, Any]:
    return {"dialect_options": {name: str(condition) for name, condition in index.get("dialect_options", {}).items()}}


def test_the_migrated_schema_is_the_models(database: Database) -> None:
    alembic(database, command.check)  # raises if autogenerate would find anything to change


def test_so_are_the_checks_and_conditions_that_autogenerate_does_not_compare(database: Database) -> None:
    migrated = schema(database)
    drop_everything(database)
    Model.metadata.create_all(database.engine)
    created = schema(database)
    drop_everything(database)
    migrations.upgrade(database)
    assert created == migrated


def test_the_way_back_leaves_no_table_and_can_be_gone_again(database: Database) -> None:
    before = schema(database)
    alembic(database, command.downgrade, "base")
    assert schema(database) == {}
    migrations.upgrade(database)
    assert schema(database) == before


def test_an_interrupted_migration_leaves_nothing_and_runs_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_everything(database)
    from alembic.operations import Operations

    whole = Operations.create_index
    calls = 0

    def power_cut(self: Operations, *args: object, **kwargs: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 10:
            raise KeyboardInterrupt
        whole(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Operations, "create_index", power_cut)
    with pytest.raises(KeyboardInterrupt):
        migrations.upgrade(database)
    with database.reading() as session:
        assert "accounts" not in inspect(session.connection()).get_table_names()
    monkeypatch.undo()
    migrations.upgrade(database)
    assert not migrations.missing(database)
