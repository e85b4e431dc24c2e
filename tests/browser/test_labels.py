"""Every page that a reader can see, judged by axe and by what it does not look at: labels, ids, its width."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, ViewportSize, expect

from app.web import application  # noqa: F401  declares all routes
from app.web.endpoint import ENDPOINTS, Audience
from tests.support.all_pages import scene_of, send, walk
from tests.support.chromium import opened
from tests.support.newspaper import Newspaper, sign_in

pytestmark = pytest.mark.browser

WRONG = """() => {
    const ids = [...document.querySelectorAll("[id]")].map((element) => element.id)
    const named = (field) => field.labels?.length || field.getAttribute("aria-label")
    const of = (selector) => [...document.querySelectorAll(selector)]
    const fields = of("input:not([type=hidden]), textarea, select")
    const leads = of("a[href^='#']").map((link) => link.getAttribute("href"))
    return [
        ...of("label").filter((label) => !label.control).map((label) => `no field: ${label.textContent}`),
        ...fields.filter((field) => !named(field)).map((field) => `no label: ${field.name}`),
        ...ids.filter((id, place) => ids.indexOf(id) !== place).map((id) => `twice: ${id}`),
        ...of("[aria-describedby], [aria-labelledby]").flatMap((element) =>
            ["aria-describedby", "aria-labelledby"].flatMap((name) => (element.getAttribute(name) ?? "").split(" ")))
            .filter((id) => id && !document.getElementById(id)).map((id) => `nowhere: ${id}`),
        ...leads.filter((to) => !document.getElementById(to.slice(1))).map((to) => `nowhere: ${to}`),
    ]
}"""
# what is no page: it leads elsewhere or is a file, as feeds and scripts are
ELSEWHERE = re.compile(
    r"/(?:oidc|oidc/back|subscription/return|account/data|embed\.js|sitemap\.xml|.*feed\.(?:atom|json)|stories/by-key/.*|notifications/.+)"
)
PHONE: ViewportSize = {"width": 360, "height": 740}
VIOLATIONS = {"resultTypes": ["violations"]}
# of the 150 sections of the API's reference, all made by one template, some are enough
SOME = {"exclude": [["section:nth-of-type(n+12)"]]}
COLOURS = VIOLATIONS | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


@pytest.fixture
def page(chromium: Browser, newspaper: Newspaper) -> Iterator[Page]:
    """With scripts, which ask the page about itself, and past our policy, since axe is none of ours."""
    page = opened(chromium, base_url=newspaper.address, bypass_csp=True, viewport=PHONE)
    yield page
    page.context.close()


def violations(page: Page, options: dict[str, Any]) -> list[Any]:
    """What axe finds, of all that it knows or of what `options` say."""
    found = Axe().run(page, context=SOME, options=options).response["violations"]
    return [(each["id"], node["target"], node["failureSummary"]) for each in found for node in each["nodes"]]


def judged(page: Page) -> list[Any]:
    """What is wrong with a page for who cannot see it, cannot point, or has a small screen."""
    found = violations(page, VIOLATIONS)
    page.emulate_media(color_scheme="dark")
    found += violations(page, COLOURS)
    page.emulate_media(color_scheme="light")
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*page.evaluate(WRONG), *found, *(["it scrolls sideways"] if wide else [])]


def test_every_page_is_accessible_and_every_label_has_its_field(page: Page, newspaper: Newspaper) -> None:
    visited: set[str] = set()

    def note(answer: Response) -> None:
        if answer.ok and answer.request.is_navigation_request():
            visited.add(urlsplit(answer.url).path)

    page.on("response", note)
    wrong = {name: found for name in walk(page, newspaper) if (found := judged(page))}
    assert wrong == {}
    declared = [each.path for each in ENDPOINTS if (each.audience, each.method) == (Audience.PAGE, "GET")]
    missed = [path for path in declared if not any(pattern(path).fullmatch(each) for each in visited)]
    assert [path for path in missed if not ELSEWHERE.fullmatch(path)] == []


def pattern(path: str) -> re.Pattern[str]:
    """The addresses of a route: for a name in it stands an id or a receipt."""
    return re.compile(re.sub(r"<[^>]+>", r"(?:\\d+|[\\w-]{24})", path))


def test_a_refused_form_takes_the_focus_to_its_summary_and_from_there_to_the_field(
    page: Page, newspaper: Newspaper
) -> None:
    page.goto("/sign-up")
    page.get_by_label("Display name").fill("Moderator")
    send(page, "/sign-up")
    assert page.title().startswith("Error: Sign up")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    page.get_by_role("alert").get_by_role("link", name="belongs to the paper").click()
    assert page.evaluate("document.activeElement.id") == "name"


def test_the_address_of_a_folded_reply_opens_its_conversation(page: Page, newspaper: Newspaper) -> None:
    scene = scene_of(newspaper)
    reply = f"#c{scene.mine.rpartition('/')[2]}"
    page.goto(scene.story)
    expect(page.locator(reply)).to_be_hidden()
    # paper shows what is said, and nothing to click
    page.emulate_media(media="print")
    expect(page.locator(reply)).to_be_visible()
    for gone in (".composer", ".masthead nav", ".order nav"):
        expect(page.locator(gone)).to_be_hidden()
    page.emulate_media(media="screen")
    for path in (scene.story, scene.mine):
        page.goto(path + reply)
        expect(page.locator(reply)).to_be_in_viewport()


def test_who_has_written_is_at_the_new_comment(page: Page, newspaper: Newspaper) -> None:
    scene = scene_of(newspaper)
    sign_in(page, scene.reader.email)
    page.goto(scene.story)
    page.get_by_role("textbox", name="Join the conversation").fill("The winter timetable is the point.")
    page.get_by_role("button", name="Post comment").click()
    assert newspaper.address + scene.story in page.url
    focused = page.evaluate("document.activeElement.textContent")
    assert "Your comment is published." in focused
    assert "The winter timetable is the point." in focused
