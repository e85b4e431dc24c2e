"""The element on a page whose script asks for German: nothing that it says is English, and it fits a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.language import use
from app.models import Account, Site
from app.web.readers import embed_words
from tests.support import factories, tls
from tests.support.embedding import WWW, Embedding, key_of, sign_in, subscriber

pytestmark = pytest.mark.browser

# each piece of text that is shown, and what is read out or appears under the pointer
SAID = """() => {
    const root = document.querySelector("btl-comments").shadowRoot
    const said = []
    for (const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT); walker.nextNode();)
        said.push(walker.currentNode.data.trim())
    for (const element of root.querySelectorAll("*"))
        for (const name of ["title", "aria-label", "placeholder"]) said.push(element.getAttribute(name))
    return said.filter(Boolean)
}"""


def english() -> set[str]:
    """What the element says in English and in other words in German, where nothing is filled in."""
    with use("de"):
        german = embed_words.spoken()
    words = embed_words.WORDS
    return {sentence for name, sentence in words.items() if sentence != german[name] and "%(" not in sentence}


def test_all_that_it_says_is_german(embedding: Embedding) -> None:
    page = embedding.open(viewport={"width": 360, "height": 740}, locale="en-GB")
    url = embedding.article(language="de")
    account = subscriber(embedding)
    with embedding.newspaper.database.transaction() as session:
        session.get_one(Account, account.id).language = "de"
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        factories.comment(session, story, factories.account(session), "Der Rat **wusste** davon.")
        factories.comment(session, story, session.get_one(Account, account.id), "Das wartet.", state="held")
    sign_in(page, account)
    page.goto(url)
    expect(page.locator("btl-comments")).to_have_attribute("lang", "de")
    expect(page.get_by_role("heading", name="1 Kommentar")).to_be_visible()
    page.get_by_role("button", name="Auf ").first.click()
    page.get_by_role("button", name="melden").first.click()
    page.get_by_role("textbox", name="Diskutieren Sie mit").fill("x" * 5003)
    expect(page.get_by_text("3 Zeichen zu viel")).to_be_visible()
    page.get_by_role("button", name="Kommentar abschicken").click()
    expect(page.get_by_role("alert").filter(has_text="Bitte bleiben Sie unter")).to_be_visible()
    judge(page)
    page.get_by_role("textbox", name="Diskutieren Sie mit").fill("Die Fähre soll bleiben.")
    page.get_by_role("button", name="Kommentar abschicken").click()
    expect(page.get_by_text("gerade eben").first).to_be_visible()
    judge(page)
    page.context.close()


def test_on_a_page_from_right_to_left_each_text_keeps_its_own_direction(embedding: Embedding, page: Page) -> None:
    url = embedding.article()
    there = WWW, f"/{key_of(url)}"
    page_of = embedding.names.pages[there]
    embedding.names.pages[there] = tls.Page(page_of.html.replace("<html", '<html dir="rtl"'), page_of.headers)
    with embedding.newspaper.database.transaction() as session:
        story = factories.story(session, session.scalars(select(Site)).one(), key_of(url))
        arabic = factories.account(session, "محمد علي")
        comment = factories.comment(session, story, arabic, "الميناء عميق.")
    page.goto(url)
    expect(page.locator("html")).to_have_css("direction", "rtl")
    expect(page.get_by_text("Everyone reads.")).to_have_css("direction", "ltr")
    for theirs in ("h3", ".words"):
        expect(page.locator(f"#c{comment.id} {theirs}")).to_have_css("direction", "rtl")


def judge(page: Page) -> None:
    assert set(page.evaluate(SAID)) & english() == set()
    found = Axe().run(page).response["violations"]
    assert [(each["id"], node["target"]) for each in found for node in each["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
