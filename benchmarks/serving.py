"""A newspaper in real processes for the programs that measure: `btl serve` on a free port, its database, readers."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from app.accounts.identity import Identity
from app.db import Database
from app.models import Account
from app.sign_in import bearer_tokens
from config.settings import Settings
from migrations.upgrade import upgrade
from tests.support import factories
from tests.support.postgres import embedded
from tests.support.processes import free_port, wait_until_ready
from tests.support.repository import REPOSITORY

SITE = "paper"
ORIGIN = "https://paper.example"


@dataclass(frozen=True)
class Server:
    """A web process and what it serves."""

    port: int
    address: str
    settings: Settings
    # what it was told by its environment, for processes beside it
    environment: dict[str, str]
    database: Database
    process: "subprocess.Popen[bytes]"

    def token(self, account: Account) -> str:
        """A Bearer token for `account`."""
        return bearer_tokens.issue(self.settings, Identity(account.id, account.name, account.session_epoch))


def databases(folder: Path, name: str) -> dict[str, str]:
    """The addresses of an empty database of each kind."""
    base = embedded()
    server = Database(base)
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    server.close()
    return {"SQLite": f"sqlite:///{folder / name}.db", "PostgreSQL": base.replace("/postgres?", f"/{name}?")}


def fresh(url: str) -> Database:
    """The database at `url`, migrated and with one site."""
    database = Database(url)
    upgrade(database)
    with database.transaction() as session:
        factories.site(session, SITE, origin=ORIGIN)
    return database


@contextmanager
def serving(
    database: Database,
    folder: Path,
    policy: Path | None = None,
    stripe: str = "",
    module: str = "",
    checkout: Path = REPOSITORY,
) -> Iterator[Server]:
    """Serve `database`, by `btl serve` or by `module`, which takes the port, of a `checkout` of the project; readers
    tell their address in X-Forwarded-For, as behind a proxy.
    """
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    own = {
        "BTL_ENVIRONMENT": "test",
        "BTL_VAR": str(folder / "var"),
        "BTL_DATABASE_URL": database.url,
        "BTL_PUBLIC_URL": address,
        "BTL_PROXIES": "1",
    } | ({"BTL_POLICY": str(policy)} if policy else {})
    own |= {"STRIPE_API_BASE": stripe} if stripe else {}
    command = [module, str(port)] if module else ["app.cli.main", "serve", "--port", str(port)]
    with _running(command, own, address, checkout) as process:
        yield Server(port, address, Settings.from_env(own), own, database, process)


@contextmanager
def reference() -> Iterator[tuple[int, int]]:
    """Serve fixed bodies (benchmarks.fixed); the port and the id of the process."""
    port = free_port()
    with _running(["benchmarks.fixed", str(port)], {}, f"http://127.0.0.1:{port}") as process:
        yield port, process.pid


@contextmanager
def _running(
    module: list[str], own: dict[str, str], address: str, checkout: Path = REPOSITORY
) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        env=os.environ | own,
        cwd=checkout,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until_ready(address)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


def some_address(draw: random.Random) -> str:
    """An address of a reader somewhere (documentation range)."""
    return f"203.0.113.{draw.randrange(256)}"
