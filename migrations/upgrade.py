"""Brings a database to the newest schema: what `btl db upgrade`, the demo and the tests call."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.db import Database


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that are missing. Each is one transaction: an interrupted one leaves nothing behind."""
    with database.engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def missing(database: Database) -> bool:
    """Whether the database is behind the newest migration."""
    with database.reading() as session:
        current = MigrationContext.configure(session.connection()).get_current_heads()
    return set(current) != set(ScriptDirectory.from_config(_config()).get_heads())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config
