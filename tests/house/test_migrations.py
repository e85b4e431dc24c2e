"""The migrations make exactly the tables that the models describe, and survive an interruption."""

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from app.db import Database
from migrations import upgrade as migrations


def test_the_migrated_schema_is_the_models(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", "migrations")
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)  # raises if autogenerate would find anything to change


def test_an_interrupted_migration_leaves_nothing_and_runs_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        for table in reversed(inspect(session.connection()).get_table_names()):
            session.execute(text(f'DROP TABLE "{table}"' + ("" if database.is_sqlite else " CASCADE")))
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
