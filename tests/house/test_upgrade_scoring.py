"""An installation that was made before API keys (0002) keeps what it holds: on the way up, and on the way back."""

from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, inspect, select

from app.db import Database
from app.models import Account, ApiKey, SuggestedScore
from migrations import upgrade as migrations
from tests import factories


@pytest.fixture
def installation(database: Database) -> Database:
    """A database as it was before 0003, with a comment and its author."""
    downgrade(database)
    with database.transaction() as session:
        factories.comment(
            session, factories.story(session, factories.site(session), "a-story"), factories.subscriber(session)
        )
    return database


def downgrade(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", "migrations")
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0002")


def held(database: Database) -> dict[str, list[Any]]:
    """All rows, of all tables."""
    found = MetaData()
    found.reflect(database.engine)
    with database.reading() as session:
        return {
            name: list(session.execute(select(table)).all())
            for name, table in found.tables.items()
            if name != "alembic_version"
        }


def test_every_row_survives_the_upgrade_and_the_way_back(installation: Database) -> None:
    before = held(installation)
    migrations.upgrade(installation)
    after = held(installation)
    assert {name: after[name] for name in before} == before
    downgrade(installation)
    assert held(installation) == before


def test_keys_and_suggestions_do_not_bar_the_way_back(installation: Database) -> None:
    migrations.upgrade(installation)
    with installation.transaction() as session:
        now = session.scalars(select(Account.created_at)).first()
        key = ApiKey(name="paper", digest="0123", per_second=1, per_minute=1, created_at=now)
        session.add(key)
        session.flush()
        session.add(
            SuggestedScore(api_key_id=key.id, text="Oh.", scores={"toxicity": 0.0}, languages=[], created_at=now)
        )
    downgrade(installation)
    with installation.reading() as session:
        assert not {"api_keys", "suggested_scores"} & set(inspect(session.connection()).get_table_names())
    migrations.upgrade(installation)
    assert not migrations.missing(installation)
