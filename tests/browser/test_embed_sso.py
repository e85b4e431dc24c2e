"""The paper signs its readers in under its articles: no window, no cookie of ours, on whatever site the page is."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import clock
from app.models import Account, Login
from tests.support import factories
from tests.support.embedding import COMMENTS, OTHER, Embedding
from tests.support.paper_log_in import log_in, signing_in, token, way_back

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def _log_in(embedding: Embedding) -> Iterator[None]:
    """The newspaper has a log-in, and says who may write."""
    with signing_in(embedding):
        yield


@pytest.fixture
def page(embedding: Embedding) -> Iterator[Page]:
    page = embedding.open()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.context.close()
    assert errors == []


def sign_in(page: Page, given: str) -> None:
    """What the script of the paper does."""
    page.evaluate("(given) => { document.querySelector('btl-comments').token = given; }", given)


def accept_rules(embedding: Embedding, subject: str) -> None:
    with embedding.newspaper.database.transaction() as session:
        account = session.scalars(select(Account).join(Login).where(Login.subject == subject)).one()
        account.rules_version = factories.RULES_VERSION


def test_a_reader_whom_the_paper_signs_in_reads_the_rules_and_writes(embedding: Embedding, page: Page) -> None:
    page.goto(embedding.article())
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    sign_in(page, token(embedding, "ada"))
    with page.expect_popup() as opening:
        page.get_by_role("button", name="Read the rules").click()
    rules = opening.value
    rules.get_by_role("link", name="Sign in to accept these rules").click()
    log_in(rules, embedding, "ada")
    rules.get_by_role("button", name="I accept these rules").click()
    assert [cookie["name"] for cookie in rules.context.cookies()] == ["__Host-btl"]  # the token waits there no more
    rules.close()
    sign_in(page, token(embedding, "ada") + "\n")  # as a file or a template has it
    page.get_by_role("textbox", name="Join the conversation").fill("The paper knows me.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.locator("article.comment")).to_contain_text("Ada Lovelace")
    expect(page.locator("article.comment")).to_contain_text("The paper knows me.")
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert page.evaluate("document.querySelector('btl-comments').token === undefined")


def test_on_a_foreign_site_it_needs_no_cookie_and_goes_on_by_the_papers_word(embedding: Embedding, page: Page) -> None:
    """The token is about to end whenever something is done, so that the paper is asked for the next one."""
    given: list[str] = []

    def next_token() -> str:
        given.append(token(embedding, "grace", exp=int(clock.now().timestamp()) + 60))
        return given[-1]

    page.expose_function("nextToken", next_token)
    page.goto(embedding.article(OTHER))
    page.evaluate("() => { document.querySelector('btl-comments').token = () => window.nextToken(); }")
    expect(page.get_by_role("button", name="Read the rules")).to_be_visible()
    accept_rules(embedding, "grace")
    page.evaluate("() => { document.querySelector('btl-comments').token = () => window.nextToken(); }")
    box = page.get_by_role("textbox", name="Join the conversation")
    for text in ("First of all.", "And then."):
        box.fill(text)
        page.get_by_role("button", name="Post comment").click()
        expect(page.locator("article.comment", has_text=text)).to_be_visible()
    assert len(given) >= 4


def test_who_signs_out_at_the_paper_is_signed_out_under_the_article(embedding: Embedding, page: Page) -> None:
    page.goto(embedding.article())
    sign_in(page, token(embedding, "mary"))
    expect(page.get_by_role("button", name="Read the rules")).to_be_visible()
    page.evaluate("() => { document.querySelector('btl-comments').token = null; }")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_where_the_paper_says_nothing_more_the_next_act_asks_to_sign_in(embedding: Embedding, page: Page) -> None:
    page.goto(embedding.article())
    words = [token(embedding, "joan", exp=int(clock.now().timestamp()) + 60) for _ in range(2)]
    page.expose_function("nextWord", lambda: words.pop() if words else None)
    page.evaluate("() => { document.querySelector('btl-comments').token = () => window.nextWord(); }")
    expect(page.get_by_role("button", name="Read the rules")).to_be_visible()
    accept_rules(embedding, "joan")
    page.evaluate("() => { document.querySelector('btl-comments').token = () => window.nextWord(); }")
    page.get_by_role("textbox", name="Join the conversation").fill("Too late.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_role("alert").get_by_role("button", name="Sign in")).to_be_visible()
    expect(page.get_by_role("textbox", name="Join the conversation")).to_have_value("Too late.")


def test_a_token_that_was_taken_from_the_page_is_good_for_nothing_elsewhere(embedding: Embedding, page: Page) -> None:
    url, taken = embedding.article(), token(embedding, "anne")
    page.goto(url)
    sign_in(page, taken)
    expect(page.get_by_role("button", name="Read the rules")).to_be_visible()
    thief = embedding.open()
    thief.goto(url)
    expect(thief.get_by_role("button", name="Sign in")).to_be_visible()
    with thief.expect_console_message(lambda message: "sso_used" in message.text):
        sign_in(thief, taken)
    expect(thief.get_by_role("button", name="Sign in")).to_be_visible()
    thief.context.close()


def test_the_page_may_speak_before_our_script_has_come(embedding: Embedding) -> None:
    page = embedding.open(bypass_csp=True)  # for the test's own way to add the script
    page.route("**/embed.js", lambda route: route.abort())
    page.goto(embedding.article())
    sign_in(page, token(embedding, "lise"))
    page.unroute("**/embed.js")
    page.add_script_tag(url=f"https://{COMMENTS}/embed.js")
    expect(page.get_by_role("button", name="Read the rules")).to_be_visible()
    page.context.close()


def test_our_window_leads_to_the_papers_log_in_and_back(embedding: Embedding, page: Page) -> None:
    page.goto(embedding.article(OTHER))
    with page.expect_popup() as opening:
        page.get_by_role("button", name="Sign in").click()
    window = opening.value
    log_in(window, embedding, "emmy")
    window.get_by_role("button", name="Continue as Emmy Lovelace at Gazette").click()
    expect(page.get_by_role("button", name="Read the rules")).to_be_visible()
    assert window.is_closed()


def test_the_paper_opens_its_own_log_in(embedding: Embedding, page: Page) -> None:
    page.goto(embedding.article())
    page.evaluate(
        """(given) => document.addEventListener("needs-sign-in", (event) => {
            event.preventDefault();
            document.querySelector("btl-comments").token = given;
        })""",
        token(embedding, "rosa"),
    )
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Read the rules")).to_be_visible()
    assert len(page.context.pages) == 1


def test_a_name_that_could_not_be_given_is_to_be_chosen(embedding: Embedding, page: Page) -> None:
    page.goto(embedding.article())
    sign_in(page, token(embedding, "noname", name="Moderator"))
    expect(page.get_by_role("button", name="Read the rules")).to_be_visible()
    accept_rules(embedding, "noname")
    sign_in(page, token(embedding, "noname", name="Moderator"))
    expect(page.get_by_role("button", name="Choose another name")).to_be_visible()
    expect(page.get_by_text("You write as Reader")).to_be_visible()


def test_every_page_on_the_way_is_accessible(embedding: Embedding, page: Page) -> None:
    def judge(what: str) -> None:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found = [(each["id"], each["nodes"][0]["html"]) for each in Axe().run(page).response["violations"]]
            assert (what, scheme, found) == (what, scheme, [])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what

    page.set_viewport_size({"width": 360, "height": 740})
    way_back(embedding, "hedy", "/account")
    page.goto(f"https://{COMMENTS}/sign-in")
    judge("the buttons")
    page.get_by_role("link", name="Sign in at Gazette").click()
    page.get_by_role("button", name="Log in at the Gazette").click()
    judge("the question")
    page.get_by_role("button", name="Continue as Hedy Lovelace").click()
    judge("an account without a password")
    page.get_by_label("Password").fill("a wrong password")
    page.get_by_label("E-mail address").fill("hedy@example.org")
    page.get_by_role("button", name="Go on with the other account").click()
    judge("another account that was refused")
    page.goto(f"https://{COMMENTS}/account/erase")
    judge("erasing without a password")
