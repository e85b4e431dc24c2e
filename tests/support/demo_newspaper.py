"""The demo's newspaper as `btl demo` begins it. To tell its history takes ten seconds, so one process of a run tells it
and all others find it told.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from sqlite3 import Connection
from typing import cast

from sqlalchemy import func, select

from app.db import Database
from app.demo import run
from app.models import Model
from config import policy as policies
from config.policy import HouseRules
from config.settings import Settings
from tests.support.databases import SQLITE, Databases
from tests.support.processes import free_pair
from tests.support.repository import REPOSITORY


@dataclass(frozen=True)
class DemoNewspaper:
    database: Database
    settings: Settings
    house: HouseRules

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        with self.database.reading() as session:
            tables = Model.metadata.sorted_tables
            return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}

    @contextmanager
    def copied(self, databases: Databases, folder: Path) -> Iterator["DemoNewspaper"]:
        """Another one with the same history, and no files."""
        with databases.empty(SQLITE) as database:
            with (
                closing(self.database.engine.raw_connection()) as ours,
                closing(database.engine.raw_connection()) as new,
            ):
                cast(Connection, ours.driver_connection).backup(cast(Connection, new.driver_connection))
            yield replace(
                self, database=database, settings=replace(self.settings, database_url=database.url, var=folder)
            )


def environment_of_demo(folder: Path, port: int) -> dict[str, str]:
    """What `btl demo --port` in a folder gives its processes."""
    address = f"http://127.0.0.1:{port}"
    return {
        "BTL_ENVIRONMENT": "demo",
        "BTL_VAR": str(folder / "var" / f"demo-{port}"),
        "BTL_PUBLIC_URL": address,
        "BTL_MAIL": "file",
        "STRIPE_API_BASE": f"{address}/simulator",
    }


@dataclass(frozen=True)
class PreparedDemo:
    """What `btl demo --port` finds in a folder when it is started there a second time; its history names the port."""

    newspaper: DemoNewspaper
    port: int
    untouched: Path

    @contextmanager
    def laid_out(self, folder: Path) -> Iterator[None]:
        """Have it found in another folder, too. The port belongs to one process of a run until the block ends."""
        with self.untouched.with_name("served").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            shutil.copytree(self.untouched, folder / "var")
            yield


@contextmanager
def prepared_demo(folder: Path) -> Iterator[PreparedDemo]:
    """The one in `folder`, which the first process to ask for it prepares while the others wait."""
    folder.mkdir(exist_ok=True)
    told, untouched = folder / "port", folder / "untouched"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            port = free_pair()
            run.prepare(Settings.from_env(environment_of_demo(folder, port)))
            shutil.copytree(folder / "var", untouched)
            told.write_text(str(port))
    settings = Settings.from_env(environment_of_demo(folder, int(told.read_text())))
    database = Database(settings.database_url, durable=False)
    newspaper = DemoNewspaper(
        database, settings, policies.load(REPOSITORY / "config" / "policy.toml", settings.public_url)
    )
    yield PreparedDemo(newspaper, int(told.read_text()), untouched)
    database.close()
