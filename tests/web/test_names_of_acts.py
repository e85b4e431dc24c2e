"""What can be done with a comment says to whom, for who hears the page: else every "Reply" bears the same name."""

import re

import pytest

from app.db import Database
from app.models import Account, Comment, Site
from tests.support import factories
from tests.support.callers import OpenBrowser


@pytest.fixture
def ada(database: Database) -> Account:
    with database.transaction() as session:
        return factories.subscriber(session)


@pytest.fixture
def comments(database: Database, site: Site, ada: Account) -> list[Comment]:
    """One of somebody else's, two of hers of which one waits."""
    with database.transaction() as session:
        story, bob = factories.story(session, site), factories.account(session, "Bob Below")
        return [
            factories.comment(session, story, bob),
            factories.comment(session, story, ada),
            factories.comment(session, story, ada, state="held"),
        ]


def names(page: str, comment: Comment) -> set[str]:
    """The names of the acts under a comment, as a screen reader says them."""
    article = page.partition(f'id="c{comment.id}"')[2].partition("</article>")[0]
    acts = re.findall(r'<(summary|a|button) [^>]*class="act[^>]*>(.*?)</\1>', article, re.DOTALL)
    acts += re.findall(r'<(a) class="act[^>]*>(.*?)</\1>', article, re.DOTALL)
    return {" ".join(re.sub(r"<[^>]*>", "", inside).split()) for _tag, inside in acts}


def test_each_act_names_whose_comment_it_is_for(browser: OpenBrowser, ada: Account, comments: list[Comment]) -> None:
    theirs, mine, waiting = comments
    page = browser(ada).get(f"/stories/{theirs.story_id}").text
    assert names(page, theirs) == {
        "Respect for what Bob Below wrote",
        "Report the comment of Bob Below",
        "Reply to Bob Below",
        "Mute Bob Below",
    }
    own = names(page, mine)
    assert any(name.startswith("Edit your comment (") for name in own)
    assert any(name.startswith("Delete your comment (") for name in own)
    assert any(name.startswith("Delete your comment (") for name in names(page, waiting))


def test_respect_is_explained(browser: OpenBrowser, ada: Account, comments: list[Comment]) -> None:
    page = browser(ada).get(f"/stories/{comments[0].story_id}").text
    assert 'title="Well argued, whether one agrees or not"' in page
