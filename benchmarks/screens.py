"""Pictures of all that readers and moderators see, for somebody to look at: our pages, and the element in its states.

    python -m benchmarks.screens FOLDER [WORD]

FOLDER gets six PNG files of each, as wide as a telephone, a tablet and a desk, light and dark, which are called
0007-the-name-360-dark.png. With a WORD only what has it in its name is kept.
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, Playwright, sync_playwright

from app.kinds import KINDS
from app.review_queue import kinds
from tests.support.all_pages import walk
from tests.support.chromium import launched
from tests.support.element_states import STATES, bring_about, failures
from tests.support.embedding import embedded
from tests.support.newspaper import running
from tests.support.processes import free_port

WIDTHS = (360, 768, 1280)
# as much of a page as anybody looks at
HEIGHT, HIGHEST = "document.documentElement.scrollHeight", 4000
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# an article that is as dark as its reader wants it, which ours are not
AS_WANTED = "document.documentElement.style.cssText = 'color-scheme: light dark; background: canvas; color: canvastext'"


@dataclass
class Album:
    """Where the pictures go."""

    folder: Path
    word: str
    number: int = 0

    def take(self, page: Page, name: str) -> None:
        self.number += 1
        if self.word not in name:
            return
        place = page.evaluate("[scrollX, scrollY]")
        called = re.sub(r"[^a-z]+", "-", name.lower()).strip("-")
        for width, scheme in product(WIDTHS, SCHEMES):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": min(page.evaluate(HEIGHT), HIGHEST)})
            page.screenshot(path=self.folder / f"{self.number:04}-{called}-{width}-{scheme}.png")
        page.set_viewport_size({"width": WIDTHS[0], "height": 740})
        page.emulate_media(color_scheme="light")
        page.evaluate("(place) => scrollTo(...place)", place)
        print(f"{self.number:04} {name}", flush=True)


def main(folder: str, word: str = "") -> None:
    album = Album(Path(folder), word)
    album.folder.mkdir(parents=True, exist_ok=True)
    kinds.use(KINDS)
    with sync_playwright() as playwright:
        for page, name in chain(_pages(playwright), _states(playwright)):
            album.take(page, name)


def _pages(playwright: Playwright) -> Iterator[tuple[Page, str]]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (
        tempfile.TemporaryDirectory() as var,
        running(Path(var), port, address, [address]) as newspaper,
        launched(playwright) as browser,
    ):
        page = browser.new_page(base_url=address)
        for name in walk(page, newspaper):
            yield page, name


def _states(playwright: Playwright) -> Iterator[tuple[Page, str]]:
    with tempfile.TemporaryDirectory() as var, embedded(Path(var), playwright) as embedding:
        for state in STATES:
            page = embedding.open()
            bring_about(embedding, page, state)
            page.evaluate(AS_WANTED)
            yield page, f"element, {state}"
            page.context.close()
        page = embedding.open()
        for failure in failures(embedding, page):
            page.evaluate(AS_WANTED)
            yield page, f"element, {failure}"


if __name__ == "__main__":
    main(*sys.argv[1:])
