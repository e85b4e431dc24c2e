"""Every state of the element, judged by axe: for who cannot see it, cannot point, or sees it in the dark."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FloatRect, Locator, Page, expect
from sqlalchemy import select

from app.models import Site
from app.models.role import MODERATOR
from app.stories import publication
from tests.support import factories
from tests.support.element_states import STATES, TEXT, bring_about, failures
from tests.support.embedding import Embedding, key_of

pytestmark = pytest.mark.browser
LINE = 24  # pixels
LABELS = """[...document.querySelector('btl-comments').shadowRoot.querySelectorAll('label')]
    .filter((label) => !label.control).map((label) => label.textContent)"""
# buttons for which a line of text was no reason to be as wide as the article
STRETCHED = """[...document.querySelector('btl-comments').shadowRoot.querySelectorAll('button:not(.wide)')]
    .filter((button) => button.offsetWidth > 400).map((button) => button.textContent)"""
VIEWS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 360, "height": 740}},
    "dark desk": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
}


@pytest.fixture(params=VIEWS)
def page(embedding: Embedding, request: pytest.FixtureRequest) -> Iterator[Page]:
    page = embedding.open(**VIEWS[request.param])
    yield page
    page.context.close()


def judge(page: Page) -> None:
    if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"):
        page.evaluate("document.documentElement.style.cssText = 'color-scheme: dark; background: #181818'")
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(each["id"], node["target"], node["failureSummary"]) for each in found for node in each["nodes"]] == []
    assert page.evaluate(LABELS) == []
    assert page.evaluate(STRETCHED) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("state", STATES)
def test_it_is_accessible_in_every_state(embedding: Embedding, page: Page, state: str) -> None:
    bring_about(embedding, page, state)
    judge(page)


def test_it_is_accessible_whatever_fails(embedding: Embedding, page: Page) -> None:
    for failure in failures(embedding, page):
        judge(page)
        if failure == "no comments":
            said, element = box(page.get_by_role("alert")), box(page.locator("btl-comments"))
            assert said["y"] - element["y"] < 2 * LINE
            expect(page.get_by_text("What you typed")).to_have_count(0)


def box(shown: Locator) -> FloatRect:
    found = shown.bounding_box()
    assert found
    return found


@pytest.mark.parametrize("name", ["Ada", "Bartholomew Featherstonehaugh of the Docks"])
def test_what_folds_a_comment_stands_at_the_end_of_its_first_line(embedding: Embedding, page: Page, name: str) -> None:
    url = embedding.article()
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        author = factories.account(session, f"{name} {key_of(url)[-4:]}")
        factories.give_role(session, author, MODERATOR)
        publication.pick(session, factories.comment(session, story, author, TEXT), 1)
    page.goto(url)
    comment = page.locator("article.comment")
    fold = comment.get_by_role("button", name=f"Fold the comment by {author.name}")
    others = comment.locator(".by > :not(.fold)")
    its, boxes = box(fold), [box(each) for each in others.all()]
    assert abs(its["y"] + its["height"] / 2 - boxes[0]["y"] - LINE / 2) < LINE / 2
    assert all(other["x"] + other["width"] <= its["x"] for other in boxes)
    fold.click()
    expect(comment.locator(".words")).to_be_hidden()
    expect(fold).to_have_attribute("aria-expanded", "false")
