"""A real newspaper in real processes, and a real Chromium to look at it.

The newspaper is what `btl demo` runs (web, worker and the Stripe simulator, on SQLite), on a free port and empty.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.support.chromium import launched
from tests.support.embedding import Embedding, embedded
from tests.support.newspaper import Newspaper, open_page, running
from tests.support.processes import free_port


@pytest.fixture(scope="session")
def newspaper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newspaper]:
    """One installation for all browser tests of a process; each test brings readers of its own."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running(tmp_path_factory.mktemp("newspaper"), port, address, [address]) as found:
        yield found


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives the browsers of this process."""
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="session")
def embedding(tmp_path_factory: pytest.TempPathFactory, playwright: Playwright) -> Iterator[Embedding]:
    """An installation over TLS under a name of its own, the pages of its newspaper, and a browser that finds both."""
    with embedded(tmp_path_factory.mktemp("embedding"), playwright) as found:
        yield found


@pytest.fixture
def page(embedding: Embedding) -> Iterator[Page]:
    """A tab of its own for a test of the element, of somebody who has not signed in."""
    page = embedding.open()
    yield page
    page.context.close()


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A headless Chromium."""
    with launched(playwright) as browser:
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
