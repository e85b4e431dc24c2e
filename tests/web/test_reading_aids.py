"""What helps on the page of a story: conversations that fold, a way to the composer, and a word on formatting."""

import re

import pytest

from app.db import Database
from app.models import Account, Site, Story
from app.models.story import CLOSED
from app.threads.slices import FIRST_REPLIES
from tests.support import factories
from tests.support.callers import OpenBrowser

JUMP = re.compile(r'<a class="jump" href="#(\w+)">Write a comment</a>')


@pytest.fixture
def story(database: Database, site: Site) -> Story:
    with database.transaction() as session:
        return factories.story(session, site)


@pytest.fixture
def reader(database: Database) -> Account:
    with database.transaction() as session:
        return factories.subscriber(session)


def folds(page: str) -> list[str]:
    """What each conversation that folds says of itself."""
    found = re.findall(r'<details class="fold"(?: open)?>\s*<summary>(.*?)</summary>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", "", words).split()) for words in found]


def test_a_conversation_folds_and_says_how_many_replies_it_has(
    browser: OpenBrowser, database: Database, story: Story
) -> None:
    with database.transaction() as session:
        ada, bob = factories.account(session, "Ada"), factories.account(session, "Bob")
        factories.comment(session, story, bob)
        one = factories.comment(session, story, bob)
        two = factories.comment(session, story, ada)
        factories.comment(session, story, bob, parent=two)
        reply = factories.comment(session, story, ada, parent=one)
        factories.comment(session, story, bob, parent=reply)
        long = factories.comment(session, story, ada)
        for _ in range(FIRST_REPLIES + 1):
            factories.comment(session, story, bob, parent=long)
    page = browser(None).get(f"/stories/{story.id}").text
    assert folds(page) == [f"{FIRST_REPLIES + 1} replies to Ada", "1 reply to Ada", "2 replies to Bob"]


def test_the_composer_is_a_click_away(browser: OpenBrowser, database: Database, story: Story, reader: Account) -> None:
    path = f"/stories/{story.id}"
    for who, target in ((reader, "text"), (None, "write")):
        page = browser(who).get(path).text
        assert JUMP.findall(page) == [target]
        assert f'id="{target}"' in page
    with database.transaction() as session:
        session.get_one(Story, story.id).state = CLOSED
    assert not JUMP.search(browser(reader).get(path).text)


def test_at_the_end_of_many_comments_it_is_a_click_away_too(
    browser: OpenBrowser, database: Database, story: Story
) -> None:
    with database.transaction() as session:
        for _ in range(10):
            factories.comment(session, story, factories.account(session))
    path = f"/stories/{story.id}"
    assert '<a href="#write">Write a comment</a>' in browser(None).get(path).text
    with database.transaction() as session:
        session.get_one(Story, story.id).state = CLOSED
    assert '<a href="#write">' not in browser(None).get(path).text


def test_the_composer_says_which_formatting_is_understood(browser: OpenBrowser, story: Story, reader: Account) -> None:
    page = browser(reader).get(f"/stories/{story.id}").text
    textarea, hint = (
        page.partition('<textarea id="text"')[2],
        page.partition('id="text-format">')[2].partition("</p>")[0],
    )
    assert "text-format" in textarea.partition(">")[0]
    assert all(f"<code>{mark}</code>" in hint for mark in ("*emphasis*", "**strong**", "&gt; quote", "- list"))
