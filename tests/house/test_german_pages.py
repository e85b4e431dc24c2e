"""Where the house speaks German no page says an English sentence: from link to link, to each kind of reader."""

import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from sqlalchemy import select

from app.language import LOCALE
from app.models import Account, Decision
from config.policy import HouseRules
from tests.support.applications import application
from tests.support.assembled import assembled
from tests.support.callers import Browser
from tests.support.demo_newspaper import DemoNewspaper
from tests.support.sight import seen

# who is nobody, and of the demo's log-ins those who are told different things
READERS = ("", "subscriber", "lapsed", "refunded", "reader", "contested", "gwil")
RESTRICTED = ("warned", "suspended", "machine", "banned", "returned")
STAFF = ("moderator", "editor")
BEGINNINGS = (
    *("/", "/rules", "/sign-in", "/sign-up", "/forgot", "/sso/continue", "/nowhere", "/verify?token=no", "/queue"),
    *("/account", "/account/erase", "/account/letters", "/account/comments"),
    *("/notifications", "/statements", "/subscription"),
)
# pages that differ in an id alone are alike, but for those that say what was decided or is asked
DIFFERENT = re.compile("/(queue|readers|statements)/")
MOST_ALIKE = 6
_LINK = re.compile(r'href="(/[^"#]*)')
_NOT_PAGES = ("/static/", "/api", "/feed", "/account/data", "/simulator")
# what was said in English before, and is kept as it was
_STATEMENT = re.compile(r'<(article|p)[^>]* lang="en".*?</\1>', re.DOTALL)


@pytest.fixture(scope="module")
def german(demo_newspaper: DemoNewspaper) -> Flask:
    """The demo, in a house that speaks German; its history was told in English."""
    house = HouseRules(demo_newspaper.house.at({"house": {"language": "de"}}), demo_newspaper.house.address)
    return application(assembled(demo_newspaper.settings, house, demo_newspaper.database), "german")


@pytest.fixture(scope="module")
def is_english() -> Callable[[str], bool]:
    """Whether a text is a piece of a sentence that German says in other words. Most are on many pages."""
    with (LOCALE / "de" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id and message.id != message.string]
    forms = [form for message in messages for form in ([message.id] if isinstance(message.id, str) else message.id)]
    pieces = {piece.strip() for form in forms for piece in re.split(r"<[^>]*>|\n\n", form)}
    # names of rules of the demo, which are in the house's own words, and what is a word in both
    said = {piece for piece in pieces if re.search(r"[a-z]{2}", re.sub(r"%\(\w+\)s", "", piece))} - {"Name", "Link"}
    parts = [[re.escape(part) for part in re.split(r"%\(\w+\)s", piece)] for piece in said]
    patterns = [re.compile(r"[^<>]*?".join(each)) for each in parts if len(each) > 1]
    return cache(lambda text: text in said or any(pattern.fullmatch(text) for pattern in patterns))


def walk(browser: Browser) -> Iterator[tuple[str, str]]:
    """Go from link to link: the path and the HTML of each page that differs from the others."""
    waiting, met, alike = list(BEGINNINGS), set(BEGINNINGS), dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"\d{6,}|=[^&]*", "…", path)
        alike[kind] = alike.get(kind, 0) + 1
        if alike[kind] > (MOST_ALIKE if DIFFERENT.search(kind) else 1):
            continue
        answer = browser.get(path)
        if answer.mimetype != "text/html" or answer.location is not None:
            continue
        yield path, answer.text
        links = [link.replace("&amp;", "&") for link in _LINK.findall(answer.text)]
        new = [link for link in dict.fromkeys(links) if link not in met and not link.startswith(_NOT_PAGES)]
        met.update(new)
        waiting += new


def kept(newspaper: DemoNewspaper) -> set[str]:
    """Reasons that were given in English."""
    with newspaper.database.reading() as session:
        return set(session.scalars(select(Decision.reason).where(Decision.reason.is_not(None))))


@pytest.mark.parametrize("who", [*READERS, *RESTRICTED, *STAFF])
def test_no_page_says_an_english_sentence(
    demo_newspaper: DemoNewspaper, german: Flask, is_english: Callable[[str], bool], who: str
) -> None:
    browser = Browser(german.test_client())
    if who:
        with demo_newspaper.database.reading() as session:
            browser.sign_in(session.scalars(select(Account).where(Account.email == f"{who}@example.com")).one())
    said, spared = {}, kept(demo_newspaper)
    for path, html in walk(browser):
        assert '<html lang="de"' in html
        for text in seen(_STATEMENT.sub("", html)):
            words = re.sub(r"\s+", " ", text)
            if words not in spared and is_english(words):
                said[words] = path
    assert said == {}
