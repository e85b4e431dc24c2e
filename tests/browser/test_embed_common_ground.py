"""Common ground as readers meet it under the article: the sort, the badge, and the quiet reaction."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.models import Reaction, Site
from app.stories import publication
from app.stories.sites import KEPT_SECONDS
from tests.support import factories
from tests.support.embedding import Embedding, key_of, sign_in, subscriber
from tests.support.stripe_world import eventually

pytestmark = pytest.mark.browser
NOTE = "Nobody sees it, and it moves nothing down"


@pytest.fixture
def sought(embedding: Embedding) -> Iterator[None]:
    """Common ground is sought at the newspaper while the test runs."""
    turn(embedding, {"common_ground": {"enabled": True}}, seeks=True)
    yield
    turn(embedding, {}, seeks=False)


def turn(embedding: Embedding, policy: dict[str, object], *, seeks: bool) -> None:
    with embedding.newspaper.database.transaction() as session:
        site = session.scalars(select(Site)).one()
        site.policy, site.seeks_common_ground = policy, seeks


def published(embedding: Embedding, *, common_ground: bool) -> str:
    """An article with three comments, of which the oldest, by Ada, is common ground or not."""
    url = embedding.article()
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        authors = [factories.account(session, f"{name} {story.key[-4:]}") for name in ("Ada", "Bob", "Cy")]
        comments = [factories.comment(session, story, author, f"The view of {author.name}.") for author in authors]
    if common_ground:
        with embedding.newspaper.database.transaction() as session:
            publication.set_common_ground(session, story.id, {comments[0].id: 25})
    return url


def test_it_is_marked_and_can_be_read_first(embedding: Embedding, page: Page) -> None:
    page.goto(published(embedding, common_ground=True))
    badge = page.locator("article.comment .tag", has_text="Common ground")
    expect(badge).to_have_count(1)
    assert badge.get_attribute("title") == "Readers who usually disagree both respect it"
    expect(page.locator("article.comment").first).to_contain_text("The view of Cy")
    page.get_by_role("button", name="Common ground").click()
    expect(page.locator("article.comment").first).to_contain_text("The view of Ada")
    expect(page.get_by_text("First what readers who usually disagree both respect")).to_be_visible()
    assert Axe().run(page).violations_count == 0
    expect(page.get_by_role("button", name="Disagree")).to_have_count(0)


def test_it_is_not_offered_where_there_is_none(embedding: Embedding, page: Page) -> None:
    page.goto(published(embedding, common_ground=False))
    page.get_by_role("button", name="Most respected").wait_for()
    expect(page.get_by_role("button", name="Common ground")).to_have_count(0)
    expect(page.locator(".tag")).to_have_count(0)


@pytest.mark.usefixtures("sought")
def test_a_reader_disagrees_quietly_and_takes_it_back(embedding: Embedding, page: Page) -> None:
    url = published(embedding, common_ground=True)
    sign_in(page, subscriber(embedding))

    def offered() -> bool:
        page.goto(url)
        page.locator("article.comment").first.wait_for()
        return bool(page.get_by_role("button", name="Disagree with").count())

    # the web goes by what it read of the site a moment ago
    eventually(offered, seconds=4 * KEPT_SECONDS)
    disagree = page.get_by_role("button", name="Disagree with the comment by Cy")
    expect(disagree).to_have_attribute("aria-pressed", "false")
    disagree.click()
    expect(disagree).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("status").filter(has_text=NOTE)).to_be_visible()
    assert Axe().run(page).violations_count == 0
    with embedding.newspaper.database.reading() as session:
        assert session.scalars(select(Reaction.kind)).all().count("disagreement") == 1
    page.reload()
    expect(disagree).to_have_attribute("aria-pressed", "true")
    respect = page.get_by_role("button", name="Respect the comment by Cy")
    respect.click()
    expect(respect).to_have_attribute("aria-pressed", "true")
    disagree.click()
    expect(disagree).to_have_attribute("aria-pressed", "false")
    expect(respect).to_have_attribute("aria-pressed", "true")


@pytest.mark.usefixtures("sought")
def test_who_is_not_signed_in_is_asked_to_first(embedding: Embedding, page: Page) -> None:
    url = published(embedding, common_ground=False)

    def offered() -> bool:
        page.goto(url)
        page.locator("article.comment").first.wait_for()
        return bool(page.get_by_role("button", name="Disagree with").count())

    eventually(offered, seconds=4 * KEPT_SECONDS)
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Disagree with").first.click()
    assert "/embed" in opened.value.url
