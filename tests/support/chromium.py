"""A headless Chromium."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Playwright, expect

from tests.support.required import skip
from tests.support.waiting import PATIENCE

QUIET = ("background-networking", "component-update", "sync", "gpu", "quic", "dev-shm-usage")
# beside other tests on few processors a page may take long
expect.set_options(timeout=1000 * PATIENCE)
ARGUMENTS = ["--no-sandbox", "--no-first-run", *(f"--disable-{part}" for part in QUIET)]


@contextmanager
def launched(playwright: Playwright, more: Sequence[str] = ()) -> Iterator[Browser]:
    """It, until the block ends; `more` are arguments of its command line. One Playwright drives all of a process.

    The headless shell is the same engine without a window around it, which costs as much again.
    """
    found = (shutil.which(name) for name in ("chromium-headless-shell", "chromium", "chromium-browser"))
    path = os.environ.get("CHROMIUM") or next(filter(None, found), None)
    if path is None:
        skip("chromium", "is not installed")
    browser = playwright.chromium.launch(executable_path=path, headless=True, args=[*ARGUMENTS, *more])
    yield browser
    browser.close()


def opened(browser: Browser, **options: object) -> Page:
    """A page of a reader of its own, who waits patiently; `options` are those of Playwright's new_context."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    context.set_default_timeout(1000 * PATIENCE)
    return context.new_page()
