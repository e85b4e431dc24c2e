"""What the element costs the page of an article, in Chromium over TLS: bytes, requests, the wait for the first
comments, and the longest task while 500 comments are laid out.

    python -m benchmarks.embed
"""

import gzip
import random
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from app.models import Site, Story
from app.web.readers import embed_script
from benchmarks.newspaper import some_text
from tests.support import factories
from tests.support.embedding import Embedding, embedded, key_of

COMMENTS = 500
# of the comments that answer no other, 50 at a time
PAGES = -(-(COMMENTS - COMMENTS // 3) // 50)
RUNS = 5
TASKS = """window.tasks = [];
new PerformanceObserver((list) => tasks.push(...list.getEntries().map((each) => each.duration)))
    .observe({ type: 'longtask', buffered: true });"""
# milliseconds from the end of the script to the first comment
FIRST = """async () => await window.first - performance.getEntriesByType('resource')
    .find((each) => each.name.endsWith('/embed.js')).responseEnd"""
READY = """window.first = new Promise((stand) =>
    document.addEventListener('ready', () => stand(performance.now()), { once: true }));"""


def main() -> None:
    script = embed_script.script("de")
    print(f"embed.js: {len(script):,} bytes, {len(gzip.compress(script)):,} compressed (bar 25,000)")
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        embedded(Path(folder), playwright) as embedding,
    ):
        url = _article(embedding)
        found = [_read(embedding, url) for _ in range(RUNS)]
    print(f"first comments {median(each[0] for each in found):.0f} ms after the script (median of {RUNS})")
    longest = [max(each[1], default=0.0) for each in found]
    print(f"{COMMENTS} comments: longest task {max(longest):.0f} ms (median run {median(longest):.0f}; bar 50)")


def _article(embedding: Embedding) -> str:
    """An article whose conversation has 500 comments of ordinary length, a third of them replies."""
    url, draw = embedding.article(), random.Random(20261129)
    with embedding.newspaper.database.transaction() as session:
        story: Story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        authors = [factories.account(session) for _ in range(50)]
        parent = None
        for number in range(COMMENTS):
            text, author = some_text(draw), authors[number % 50]
            made = factories.comment(session, story, author, text, parent=parent if number % 3 == 2 else None)
            parent = made if number % 3 == 0 else parent
    return url


def _read(embedding: Embedding, url: str) -> tuple[float, list[float]]:
    """How long until the first comments stood, and how long the long tasks of the page were, in milliseconds."""
    page: Page = embedding.open()
    page.add_init_script(TASKS + READY)
    page.goto(url)
    first: float = page.evaluate(FIRST)
    for _ in range(PAGES - 1):
        shown = page.locator("article.comment").count()
        page.get_by_role("button", name="More comments").click()
        page.locator("article.comment").nth(shown).wait_for(state="attached")
    page.wait_for_timeout(500)
    assert page.locator("article.comment").count() == COMMENTS
    tasks: list[float] = page.evaluate("window.tasks")
    page.context.close()
    return first, tasks


if __name__ == "__main__":
    main()
