"""An installation that was made before API keys (0002) keeps what it holds: on the way up, and on the way back."""

from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, inspect, select, text

from app.db import Database
from app.models import Account, ApiKey, Assessment, SuggestedScore
from migrations import upgrade as migrations
from tests.support import factories


@pytest.fixture
def installation(database: Database) -> Database:
    """A database as it was before 0003, with a comment, its author and what the machine made of it."""
    downgrade(database)
    with database.transaction() as session:
        comment = factories.comment(
            session, factories.story(session, factories.site(session), "a-story"), factories.subscriber(session)
        )
        session.execute(
            text(
                "INSERT INTO assessments (id, comment_id, revision, outcome, reasons, signals, scorer, created_at)"
                " VALUES (1, :comment, 1, 'publish', '[]', '{\"score.insult\": 0.1}', 'builtin/1', '2026-11-01 09:00')"
            ),
            {"comment": comment.id},
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
    grown = {name: [row[: len(old[0])] for row in after[name]] if old else after[name] for name, old in before.items()}
    assert grown == before
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


def test_second_opinions_do_not_bar_the_way_back(installation: Database) -> None:
    migrations.upgrade(installation)
    with installation.transaction() as session:
        first = session.get_one(Assessment, 1)
        assert (first.margin, first.revises_id, first.effect) == (None, None, None)
        session.add(
            Assessment(
                comment_id=first.comment_id,
                revision=1,
                outcome="hold",
                reasons=["score.insult"],
                signals={"score.insult": 0.8},
                scorer="builtin/1+detoxify/1",
                margin=0.4,
                revises_id=1,
                effect="held",
                created_at=first.created_at,
            )
        )
    downgrade(installation)
    assert [row.outcome for row in held(installation)["assessments"]] == ["publish", "hold"]
    migrations.upgrade(installation)
    assert not migrations.missing(installation)
