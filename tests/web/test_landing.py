"""Where a reader lands who is called to a comment: under the article once somebody has written there, else with us."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.models import Account, Comment, Site, Story
from app.stories import permalinks
from app.stories.sites import SiteSnapshot
from tests.support import factories
from tests.support.callers import Headers, OpenBrowser

PAGE = {"Origin": "https://paper.example", "Sec-Fetch-Site": "same-site", "BTL-Embed": "1"}
OURS = "https://comments.paper.example"
BODY = {"text": "A point of view.", "url": "https://paper.example/tide?page=2#top"}


def landing(database: Database) -> str:
    with database.reading() as session:
        comment, story = session.execute(select(Comment, Story).join(Story)).one()
        site = session.get_one(Site, story.site_id)
        at = SiteSnapshot(site.id, site.key, site.name, tuple(site.origins), {}, ())
        return permalinks.landing(OURS, at, story, comment.id).replace(str(comment.id), "ID")


@pytest.fixture
def reader(database: Database, site: Site) -> Account:
    with database.transaction() as session:
        return factories.subscriber(session)


@pytest.fixture
def embedded(browser: OpenBrowser, reader: Account) -> Headers:
    """What the page of an article holds for its reader."""
    token = browser(reader).client.post("/api/v1/embed/session", json={"story": "tide"}, headers=PAGE)
    return {"Authorization": f"Bearer {token.get_json()['token']}"}


def write(client: FlaskClient, headers: Headers, **body: str) -> None:
    assert client.post("/api/v1/stories/tide/comments", json={**BODY, **body}, headers=headers).status_code == 201


def test_who_reads_under_the_article_lands_there(client: FlaskClient, database: Database, embedded: Headers) -> None:
    write(client, embedded)
    assert landing(database) == "https://paper.example/tide?page=2#comment-ID"


def test_a_paper_that_only_links_to_us_has_its_readers_land_here(
    client: FlaskClient, database: Database, bearer: Callable[[Account], Headers], reader: Account
) -> None:
    write(client, bearer(reader))
    assert landing(database) == f"{OURS}/comments/ID"


def test_an_address_that_is_not_the_papers_any_more_leads_nowhere(
    client: FlaskClient, database: Database, embedded: Headers, site: Site
) -> None:
    write(client, embedded)
    with database.transaction() as session:
        session.get_one(Site, site.id).origins = ["https://www.paper.example"]
    assert landing(database) == f"{OURS}/comments/ID"


def test_a_comment_that_waits_says_as_well_that_the_article_has_the_comments(
    client: FlaskClient, database: Database, embedded: Headers, site: Site
) -> None:
    with database.transaction() as session:
        factories.story(session, site, "tide", state="premoderated")
    write(client, embedded)
    assert landing(database) == "https://paper.example/tide#comment-ID"
