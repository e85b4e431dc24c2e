"""A real newspaper in real processes, and a real Chromium to look at it.

The newspaper is what `btl demo` runs (web, worker and the Stripe simulator, on SQLite), on a free port and empty.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from app.db import Database
from config.settings import SIMULATED_PRODUCT, Settings
from migrations.upgrade import upgrade
from tests.support import factories, tls
from tests.support.embedding import COMMENTS, EVIL, OTHER, WWW, Embedding
from tests.support.newspaper import Newspaper, open_page
from tests.support.processes import free_port, wait_until_ready
from tests.support.repository import REPOSITORY
from tests.support.required import skip

QUIET = ("background-networking", "component-update", "sync", "gpu", "quic", "dev-shm-usage")
ARGUMENTS = ["--no-sandbox", "--no-first-run", *(f"--disable-{part}" for part in QUIET)]


@pytest.fixture(scope="session")
def newspaper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newspaper]:
    """One installation for all browser tests of a process; each test brings readers of its own."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with _running(tmp_path_factory.mktemp("newspaper"), port, address, [address]) as found:
        yield found


@pytest.fixture(scope="session")
def embedding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedding]:
    """An installation over TLS under a name of its own, the pages of its newspaper, and a browser that finds both."""
    port, folder = free_port(), tmp_path_factory.mktemp("embedding")
    with tls.serving(folder, [COMMENTS, WWW, OTHER, EVIL]) as names, _chromium(names.arguments) as browser:
        names.servers[COMMENTS] = port
        origins = [f"https://{WWW}", f"https://{OTHER}"]
        with _running(folder, port, f"https://{COMMENTS}", origins, BTL_PROXIES="1") as found:
            yield Embedding(found, names, browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    with _chromium() as browser:
        yield browser


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


def _patient_policy(folder: Path) -> Path:
    """The house rules, but for the limits per address: all readers of these tests share one."""
    rules = (REPOSITORY / "config" / "policy.toml").read_text()
    for limit in ("sign_ups_per_hour", "log_ins_per_minute", "requests_per_minute"):
        rules = re.sub(rf"^{limit} = .*$", f"{limit} = 100000", rules, flags=re.MULTILINE)
    path = folder / "policy.toml"
    path.write_text(rules)
    return path


@contextmanager
def _running(var: Path, port: int, address: str, origins: list[str], **more: str) -> Iterator[Newspaper]:
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
    running = [
        subprocess.Popen([sys.executable, "-m", "app.cli.main", *command], env=environment, cwd=REPOSITORY)
        for command in (["serve", "--port", str(port)], ["worker"])
    ]
    try:
        wait_until_ready(f"http://127.0.0.1:{port}")
        yield Newspaper(address, settings, database)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=10)


@contextmanager
def _chromium(more: Sequence[str] = ()) -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        skip("chromium", "is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=[*ARGUMENTS, *more])
        yield browser
        browser.close()
