"""A real newspaper in real processes, and a real Chromium to look at it.

The newspaper is what `btl demo` runs (web, worker and the Stripe simulator, on SQLite), on a free port and empty.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from app.db import Database
from app.models import Account
from config.settings import REPOSITORY, SIMULATED_PRODUCT, Settings
from migrations.upgrade import upgrade
from tests.conftest import skip
from tests.support import factories
from tests.support.processes import free_port, wait_until_ready

QUIET = ("background-networking", "component-update", "sync", "gpu", "quic", "dev-shm-usage")
ARGUMENTS = ["--no-sandbox", "--no-first-run", *(f"--disable-{part}" for part in QUIET)]


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
        for _ in range(100):
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


@pytest.fixture(scope="session")
def newspaper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newspaper]:
    """One installation for all browser tests of a process; each test brings readers of its own."""
    var = tmp_path_factory.mktemp("newspaper")
    address = f"http://127.0.0.1:{free_port()}"
    own = {
        "BTL_ENVIRONMENT": "demo",
        "BTL_VAR": str(var),
        "BTL_PUBLIC_URL": address,
        "BTL_MAIL": "file",
        "STRIPE_API_BASE": f"{address}/simulator",
        "BTL_POLICY": str(_patient_policy(var)),
    }
    settings = Settings.from_env(own)
    database = Database(settings.database_url)
    upgrade(database)
    with database.transaction() as session:
        factories.site(session, "gazette", origin=address, products=(SIMULATED_PRODUCT,))
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("BTL_", "STRIPE_"))} | own
    running = [
        subprocess.Popen([sys.executable, "-m", "app.cli.main", *command], env=environment, cwd=REPOSITORY)
        for command in (["serve", "--port", address.rpartition(":")[2]], ["worker"])
    ]
    try:
        wait_until_ready(address)
        yield Newspaper(address, settings, database)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=10)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        skip("chromium", "is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def reader(chromium: Browser, newspaper: Newspaper) -> Iterator[Page]:
    """A page of a browser of its own, with JavaScript off: everything must work without."""
    page = open_page(chromium, newspaper)
    yield page
    page.context.close()


@pytest.fixture
def another(chromium: Browser, newspaper: Newspaper) -> Iterator[Page]:
    """A page of a second person's browser."""
    page = open_page(chromium, newspaper)
    yield page
    page.context.close()


def open_page(chromium: Browser, newspaper: Newspaper) -> Page:
    """The same for whoever else takes part."""
    context = chromium.new_context(base_url=newspaper.address, java_script_enabled=False)
    context.set_default_timeout(10_000)
    return context.new_page()


def _patient_policy(folder: Path) -> Path:
    """The house rules, but for the limits per address: all readers of these tests share one."""
    rules = (REPOSITORY / "config" / "policy.toml").read_text()
    for limit in ("sign_ups_per_hour", "log_ins_per_minute", "requests_per_minute"):
        rules = re.sub(rf"^{limit} = .*$", f"{limit} = 100000", rules, flags=re.MULTILINE)
    path = folder / "policy.toml"
    path.write_text(rules)
    return path
