"""A real newspaper in processes of its own, and what people do there with a browser."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from playwright.sync_api import Browser, Page

from app.db import Database
from app.models import Account
from config.settings import SIMULATED_PRODUCT, Settings
from migrations.upgrade import upgrade
from tests.support import factories
from tests.support.chromium import opened
from tests.support.processes import wait_until_ready
from tests.support.repository import REPOSITORY
from tests.support.waiting import PATIENCE

# one that gives way to all else would hardly be heard of beside so many tests
WORKER = "from app import worker; worker.NICENESS = 0; from app.cli.main import main; main(['worker'])"


@dataclass(frozen=True)
class Newspaper:
    """A running installation."""

    address: str
    settings: Settings
    database: Database

    def member(self, role: str | None = None) -> Account:
        """Somebody with the password of the tests; with a role, staff at all sites."""
        with self.database.transaction() as session:
            account = factories.account(session, settings=self.settings, password=factories.PASSWORD)
            if role is not None:
                factories.give_role(session, account, role)
            return account

    def letter_to(self, email: str, containing: str) -> str:
        """The text of the newest letter to `email` that has `containing` in it, once it has been sent."""
        given_up = time.monotonic() + PATIENCE
        while time.monotonic() < given_up:
            for path in sorted((self.settings.var / "letters").glob("*.eml"), reverse=True):
                letter = message_from_bytes(path.read_bytes(), policy=policy.default)
                body = letter.get_body(("plain",))
                text = body.get_content() if body else ""
                if email in str(letter["To"]) and containing in text:
                    return text
            time.sleep(0.1)
        raise AssertionError(f"no letter to {email} contains {containing!r}")


def sign_in(page: Page, email: str | None) -> None:
    """Sign in by the form, with the password of the tests."""
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(str(email))
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def open_page(chromium: Browser, newspaper: Newspaper) -> Page:
    """The same for whoever else takes part."""
    return opened(chromium, base_url=newspaper.address, java_script_enabled=False)


@contextmanager
def running(var: Path, port: int, address: str, origins: list[str], **more: str) -> Iterator[Newspaper]:
    """Web and worker of an installation that readers reach at `address`, with one site that has these origins."""
    own = {
        "BTL_ENVIRONMENT": "demo",
        "BTL_VAR": str(var),
        "BTL_PUBLIC_URL": address,
        "BTL_MAIL": "file",
        "STRIPE_API_BASE": f"http://127.0.0.1:{port}/simulator",
        "BTL_POLICY": str(_patient_policy(var)),
        **more,
    }
    settings = Settings.from_env(own)
    database = Database(settings.database_url)
    upgrade(database)
    with database.transaction() as session:
        factories.site(session, "gazette", origin=origins[0], products=(SIMULATED_PRODUCT,)).origins = origins
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("BTL_", "STRIPE_"))} | own
    commands = ["-m", "app.cli.main", "serve", "--port", str(port)], ["-c", WORKER]
    running = [subprocess.Popen([sys.executable, *command], env=environment, cwd=REPOSITORY) for command in commands]
    try:
        wait_until_ready(f"http://127.0.0.1:{port}")
        yield Newspaper(address, settings, database)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=PATIENCE)


def _patient_policy(folder: Path) -> Path:
    """The house rules, but for the limits per address: all readers of these tests share one."""
    rules = (REPOSITORY / "config" / "policy.toml").read_text()
    for limit in ("sign_ups_per_hour", "log_ins_per_minute", "requests_per_minute"):
        rules = re.sub(rf"^{limit} = .*$", f"{limit} = 100000", rules, flags=re.MULTILINE)
    path = folder / "policy.toml"
    path.write_text(rules)
    return path
