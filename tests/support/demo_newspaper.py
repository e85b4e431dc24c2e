"""The demo's newspaper as `btl demo` begins it. To tell its history takes ten seconds, so it is told once."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import cast

from sqlalchemy import func, select

from app import toxicity
from app.db import Database
from app.demo import seed
from app.models import Model
from config import policy as policies
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.databases import SQLITE, Databases
from tests.support.repository import REPOSITORY
from tests.support.settings import settings_for


@dataclass(frozen=True)
class DemoNewspaper:
    database: Database
    settings: Settings
    house: HouseRules

    def seed(self, heard: list[str]) -> None:
        seed.seed(assembled(self.settings, self.house, self.database, scorer=toxicity.load("builtin")), heard.append)

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.database.reading() as session:
            tables = Model.metadata.sorted_tables
            return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}

    @contextmanager
    def copied(self, databases: Databases, folder: Path) -> Iterator["DemoNewspaper"]:
        """Another one with the same history."""
        with databases.empty(SQLITE) as database:
            with (
                closing(self.database.engine.raw_connection()) as ours,
                closing(database.engine.raw_connection()) as new,
            ):
                cast(Connection, ours.driver_connection).backup(cast(Connection, new.driver_connection))
            yield assembled_on(database, folder)


def assembled_on(database: Database, folder: Path) -> DemoNewspaper:
    """One that has no history yet."""
    house = policies.load(REPOSITORY / "config" / "policy.toml")
    return DemoNewspaper(database, settings_for(database, folder), house)
