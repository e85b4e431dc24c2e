"""Readers see beside a comment that its author's name is checked, where the paper has names compared."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import names
from app.db import Database
from app.models import Account, Comment, Site, Story
from app.models.account import EXCEPTION, MATCH, MISMATCH
from app.payers import name_checks
from app.web.services import EXTENSION
from config.policy import HouseRules
from tests.support import factories

BADGE = ">Name checked</span>"


@pytest.fixture
def story(database: Database) -> Story:
    with database.transaction() as session:
        return factories.story(session, factories.site(session), "harbour")


def written(database: Database, story: Story, name_check: str | None) -> Comment:
    with database.transaction() as session:
        author = factories.account(session)
        author.name_check = name_check
        return factories.comment(session, story, author)


def names_are(database: Database, story: Story, names: str) -> None:
    with database.transaction() as session:
        session.get_one(Site, story.site_id).policy = {"payments": {"names": names}}


def urls(comment: Comment) -> list[str]:
    return [
        "/api/v1/stories/harbour/comments",
        f"/api/v1/comments/{comment.id}",
        f"/stories/{comment.story_id}",
        f"/comments/{comment.id}",
    ]


def shown(client: FlaskClient, comment: Comment) -> set[bool]:
    """Whether the name is said to be checked, by each of the places where the comment is read."""
    thread, permalink, *pages = (client.get(url, headers={"Accept": "text/html"}) for url in urls(comment))
    authors = [thread.get_json()["comments"][0]["author"], permalink.get_json()["comment"]["author"]]
    return {author["name_checked"] for author in authors} | {BADGE in page.text for page in pages}


@pytest.mark.parametrize(
    ("policy_of_site", "name_check", "badge"),
    [
        ("free", MATCH, False),
        ("badge", MATCH, True),
        ("badge", EXCEPTION, True),
        ("badge", MISMATCH, False),
        ("badge", None, False),
        ("required", MATCH, True),
        ("required", EXCEPTION, True),
    ],
)
def test_the_badge_is_there_where_the_paper_wants_it_and_the_name_agrees(
    database: Database, client: FlaskClient, story: Story, policy_of_site: str, name_check: str | None, badge: bool
) -> None:
    names_are(database, story, policy_of_site)
    assert shown(client, written(database, story, name_check)) == {badge}


def test_a_reply_has_its_authors_badge_and_a_tombstone_none(
    database: Database, client: FlaskClient, story: Story
) -> None:
    names_are(database, story, "badge")
    gone = written(database, story, MATCH)
    with database.transaction() as session:
        author = factories.account(session)
        author.name_check = MATCH
        factories.comment(session, story, author, parent=gone)
    with database.transaction() as session:
        session.get_one(Comment, gone.id).state = "removed"
    (root,) = client.get(urls(gone)[0]).get_json()["comments"]
    assert root["author"] is None
    assert root["replies"][0]["author"]["name_checked"] is True


def test_a_cached_page_is_out_of_date_once_the_badge_comes_or_goes(
    database: Database, client: FlaskClient, story: Story
) -> None:
    names_are(database, story, "badge")
    comment = written(database, story, None)
    url = urls(comment)[0]
    for found in (MATCH, MISMATCH):
        tag = client.get(url).headers["ETag"]
        with database.transaction() as session:
            name_checks.settle(session, session.get_one(Account, comment.account_id), found)
        names.refresh_stories(database, {"account_id": str(comment.account_id)})
        assert client.get(url, headers={"If-None-Match": tag}).status_code == 200


def test_no_cache_goes_on_without_the_badge_after_the_policy_began_to_want_it(
    app: Flask, database: Database, client: FlaskClient, house: HouseRules, story: Story
) -> None:
    url = urls(written(database, story, MATCH))[0]
    tags = set()
    for names_policy in ("free", "badge"):
        changed = HouseRules(house.at({"payments": {"names": names_policy}}))
        app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], house=changed)
        tags.add(client.get(url).headers["ETag"])
    assert len(tags) == 2
