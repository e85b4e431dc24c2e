"""What search engines and previews of links read in the head of a story's page: JSON-LD, OpenGraph, its one address."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from app.db import Database
from app.models import Account, Comment, Site, Story
from app.models.comment import DELETED, HELD, REMOVED, WITHHELD
from app.stories import publication
from app.threads.slices import FIRST_REPLIES, SLICE_ROOTS
from config.settings import Settings
from tests.support import factories
from tests.support.callers import Browser

Open = Callable[[Account | None], Browser]
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


@pytest.fixture
def story(database: Database, site: Site) -> Story:
    with database.transaction() as session:
        return factories.story(session, site)


def described(page: str) -> dict[str, Any]:
    (block,) = BLOCK.findall(page)
    return dict(json.loads(block))


def previewed(page: str) -> dict[str, str]:
    found = re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def canonical(page: str) -> str:
    (address,) = re.findall(r'<link rel="canonical" href="([^"]*)">', page)
    return unescape(address)


def test_the_page_says_whose_comments_on_which_article_it_has(
    database: Database, browser: Open, settings: Settings, story: Story
) -> None:
    with database.transaction() as session:
        ada, bob = factories.account(session, "Ada"), factories.account(session, "Bob")
        asked = factories.comment(session, story, ada, "Who *pays*?")
        answer = factories.comment(session, story, bob, "We do.", parent=asked)
    found = described(browser(None).get(f"/stories/{story.id}").text)
    comments = found.pop("comment")
    assert found == {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": story.title,
        "url": story.url,
        "discussionUrl": f"{settings.public_url}/stories/{story.id}",
        "commentCount": 2,
    }
    assert comments == [
        {
            "@type": "Comment",
            "url": f"{settings.public_url}/comments/{asked.id}",
            "author": {"@type": "Person", "name": "Ada"},
            "text": "Who *pays*?",
            "dateCreated": asked.created_at.isoformat(),
            "comment": [
                {
                    "@type": "Comment",
                    "url": f"{settings.public_url}/comments/{answer.id}",
                    "author": {"@type": "Person", "name": "Bob"},
                    "text": "We do.",
                    "dateCreated": answer.created_at.isoformat(),
                    "comment": [],
                }
            ],
        }
    ]


@pytest.mark.parametrize("state", [HELD, WITHHELD, REMOVED, DELETED])
def test_what_nobody_may_read_is_not_in_it_and_its_replies_are(
    database: Database, browser: Open, story: Story, state: str
) -> None:
    with database.transaction() as session:
        gone = factories.comment(session, story, factories.account(session, "Mallory"), "unreadable")
        factories.comment(session, story, factories.account(session, "Ada"), "an answer", parent=gone)
        publication.set_state(session, gone, state)
    page = browser(None).get(f"/stories/{story.id}").text
    assert [(each["author"]["name"], each["text"]) for each in described(page)["comment"]] == [("Ada", "an answer")]
    assert "Mallory" not in page
    assert "unreadable" not in page


def test_not_even_its_author_has_in_it_what_waits(database: Database, browser: Open, story: Story) -> None:
    with database.transaction() as session:
        author = factories.subscriber(session)
        waits = factories.comment(session, story, author, "it waits")
        publication.set_state(session, waits, HELD)
    page = browser(author).get(f"/stories/{story.id}").text
    assert "it waits" in page
    assert described(page)["comment"] == []


def test_a_link_to_the_page_is_previewed_by_the_papers_words(
    database: Database, browser: Open, settings: Settings, site: Site, story: Story
) -> None:
    with database.transaction() as session:
        session.merge(story).title = 'Ferry "back by May" & more'
        factories.comment(session, story, factories.account(session))
    assert previewed(browser(None).get(f"/stories/{story.id}").text) == {
        "type": "website",
        "site_name": site.name,
        "title": 'Ferry "back by May" & more',
        "description": "1 comment",
        "url": f"{settings.public_url}/stories/{story.id}",
    }


def test_a_comment_is_previewed_by_its_own_words_and_found_where_it_is_read_with_the_others(
    database: Database, browser: Open, settings: Settings, site: Site, story: Story
) -> None:
    with database.transaction() as session:
        ada = factories.account(session, "Ada")
        root = factories.comment(session, story, ada, "Who *pays*?" + " Who?" * 99)
        replies = [factories.comment(session, story, ada, parent=root) for _ in range(FIRST_REPLIES + 1)]
    reader, ours = browser(None), settings.public_url
    page = reader.get(f"/comments/{root.id}").text
    card = previewed(page)
    assert card.pop("description").startswith("Who pays? Who? ")
    assert card == {
        "type": "article",
        "site_name": site.name,
        "title": f"Ada on “{story.title}”",
        "url": f"{ours}/comments/{root.id}",
    }
    assert canonical(page) == f"{ours}/stories/{story.id}"
    with database.transaction() as session:
        for _ in range(SLICE_ROOTS):
            factories.comment(session, story, ada)
        publication.set_state(session, session.get_one(Comment, root.id), REMOVED)
    for shown, found_at in ((root, root), (replies[0], root), (replies[-1], replies[-1])):
        assert canonical(reader.get(f"/comments/{shown.id}").text) == f"{ours}/comments/{found_at.id}"
    assert previewed(reader.get(f"/comments/{root.id}").text) == {}


def test_every_order_begins_at_one_address_and_a_later_page_has_its_own(
    database: Database, browser: Open, settings: Settings, story: Story
) -> None:
    with database.transaction() as session:
        author = factories.account(session)
        for _ in range(SLICE_ROOTS + 1):
            factories.comment(session, story, author)
    reader, ours = browser(None), f"{settings.public_url}/stories/{story.id}"
    for sort in ("newest", "oldest", "respected", "discussed", "picked"):
        page = reader.get(f"/stories/{story.id}?sort={sort}").text
        assert canonical(page) == previewed(page)["url"] == ours
        for cursor in re.findall(r"cursor=([\d.]+)", page):
            order = "" if sort == "newest" else f"sort={sort}&"
            following = reader.get(f"/stories/{story.id}?sort={sort}&cursor={cursor}")
            assert canonical(following.text) == f"{ours}?{order}cursor={cursor}"
            same = reader.get(canonical(following.text).removeprefix(settings.public_url))
            assert described(same.text)["comment"] == described(following.text)["comment"] != []


@hypothesis(max_examples=200)
@given(text=st.text())
@example(text="</script><!--<script>\u2028\u2029'\"\\&amp;]]>")
@example(text="\ud800")
def test_whatever_the_text_it_comes_back_and_leads_nowhere(app: Flask, text: str) -> None:
    found = {"comment": [{"author": {"name": text}, "text": text}], text: text}
    template = app.jinja_env.get_template("readers/thread.html")
    with app.test_request_context():
        known = {"story": Story(id=1, site_id=1, title="Tide", comment_count=1), "structured": found, "address": "/"}
        head = "".join(template.blocks["head"](template.new_context({"newspaper": lambda _site: "", **known})))
    (block,) = BLOCK.findall(head)
    assert json.loads(block) == found
    assert not re.search("[<>&\u2028\u2029]", block)
