"""Runs migrations: each in its own transaction, with short lock time-outs on PostgreSQL. Versions import no models."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, text

from app.db import Database
from app.models import Model
from app.models.base import Document, Instant
from app.postgres import UNLIMITED
from config.settings import Settings


def plain_type(kind: str, value: Any, _context: Any) -> str | Literal[False]:
    """Write our column types into a version as what they are in the database."""
    if kind == "type" and isinstance(value, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, Document):
        return "sa.Text()"
    return False


def migrate(connection: Connection) -> None:
    """Run what `alembic` was asked for over `connection`."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        transaction_per_migration=True,
        transactional_ddl=True,
        compare_type=True,
        render_item=plain_type,
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    database = Database(Settings.from_env().database_url, timeouts=UNLIMITED)
    with database.engine.connect() as own:
        migrate(own)
