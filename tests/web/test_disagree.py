"""PUT and DELETE /api/v1/comments/<id>/disagreement: the quiet reaction, which nobody else learns of"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import clock
from app.accounts import download, erasure
from app.common_ground import scores
from app.db import Database
from app.models import Account, Comment, Reaction, Site, Story
from app.models.comment import REMOVED
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import Headers

Bearer = Callable[[Account], Headers]


@pytest.fixture
def site(database: Database) -> Site:
    """Where common ground is sought."""
    with database.transaction() as session:
        return factories.seek_common_ground(factories.site(session))


@pytest.fixture
def comment(database: Database, site: Site) -> Comment:
    with database.transaction() as session:
        return factories.comment(session, factories.story(session, site, "tide"), factories.account(session))


@pytest.fixture
def reader(database: Database) -> Account:
    with database.transaction() as session:
        return factories.subscriber(session)


def url(comment: Comment) -> str:
    return f"/api/v1/comments/{comment.id}/disagreement"


def kept(database: Database) -> list[tuple[int, str]]:
    with database.reading() as session:
        found = session.scalars(select(Reaction).order_by(Reaction.comment_id, Reaction.kind))
        return [(reaction.comment_id, reaction.kind) for reaction in found]


def shown(client: FlaskClient, database: Database, comment: Comment) -> tuple[Any, str, int]:
    """Everything that others are shown: the thread, its tag and the story's revision."""
    answer = client.get("/api/v1/stories/tide/comments")
    with database.reading() as session:
        return answer.get_json(), answer.headers["ETag"], session.get_one(Story, comment.story_id).revision


def test_it_is_kept_once_and_changes_nothing_that_others_see(
    client: FlaskClient, database: Database, bearer: Bearer, reader: Account, comment: Comment
) -> None:
    before = shown(client, database, comment)
    for _ in range(2):
        assert client.put(url(comment), headers=bearer(reader)).status_code == 204
    assert kept(database) == [(comment.id, "disagreement")]
    assert shown(client, database, comment) == before
    for _ in range(2):
        assert client.delete(url(comment), headers=bearer(reader)).status_code == 204
    assert kept(database) == []
    assert shown(client, database, comment) == before


def test_one_may_respect_what_one_disagrees_with(
    client: FlaskClient, database: Database, bearer: Bearer, reader: Account, comment: Comment
) -> None:
    client.put(url(comment), headers=bearer(reader))
    respect = f"/api/v1/comments/{comment.id}/respect"
    assert client.put(respect, headers=bearer(reader)).get_json() == {"respected": True, "respects": 1}
    assert kept(database) == [(comment.id, "disagreement"), (comment.id, "respect")]
    assert client.delete(respect, headers=bearer(reader)).get_json() == {"respected": False, "respects": 0}
    assert kept(database) == [(comment.id, "disagreement")]


@pytest.mark.parametrize("why", ["turned off", "too small"])
def test_nobody_is_asked_where_common_ground_is_not_sought(
    client: FlaskClient, database: Database, bearer: Bearer, reader: Account, comment: Comment, site: Site, why: str
) -> None:
    client.put(url(comment), headers=bearer(reader))
    with database.transaction() as session:
        here = session.get_one(Site, site.id)
        if why == "turned off":
            here.policy = {}
        else:
            here.seeks_common_ground = False
    answer = client.put(url(comment), headers=bearer(reader))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "common_ground_off")
    # what was said before can be taken back, and goes by itself
    assert client.delete(url(comment), headers=bearer(reader)).status_code == 204


def test_what_was_said_goes_with_the_search(
    client: FlaskClient, database: Database, bearer: Bearer, reader: Account, comment: Comment, site: Site
) -> None:
    client.put(url(comment), headers=bearer(reader))
    client.put(f"/api/v1/comments/{comment.id}/respect", headers=bearer(reader))
    scores.forget(database, site.id)
    assert kept(database) == [(comment.id, "respect")]


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [("nobody", 401, "sign_in_required"), ("no subscriber", 402, "no_subscription"), ("author", 409, "own_comment")],
)
def test_who_may_not(
    client: FlaskClient, database: Database, bearer: Bearer, comment: Comment, who: str, status: int, code: str
) -> None:
    with database.transaction() as session:
        caller = session.get_one(Account, comment.account_id) if who == "author" else factories.account(session)
        if who == "author":
            factories.subscribe(session, caller)
    answer = client.put(url(comment), headers={} if who == "nobody" else bearer(caller))
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert kept(database) == []


def test_not_what_is_gone_or_old(
    client: FlaskClient, database: Database, bearer: Bearer, reader: Account, comment: Comment, house: HouseRules
) -> None:
    with database.transaction() as session:
        story, author = session.get_one(Story, comment.story_id), factories.account(session)
        gone = factories.comment(session, story, author, state=REMOVED)
        at = clock.now() - timedelta(days=house.retention.reactions_days + 1)
        old = factories.comment(session, story, author, at=at)
    answers = [client.put(url(each), headers=bearer(reader)) for each in (gone, old)]
    assert [answer.get_json()["code"] for answer in answers] == ["not_found", "reactions_over"]


def test_both_kinds_count_for_the_limit(
    client: FlaskClient, database: Database, bearer: Bearer, reader: Account, comment: Comment, house: HouseRules
) -> None:
    with database.transaction() as session:
        story, author = session.get_one(Story, comment.story_id), factories.account(session)
        for number in range(house.at({}).limits.reactions_per_minute):
            other = factories.comment(session, story, author)
            row = {"comment_id": other.id, "account_id": reader.id, "story_id": story.id}
            session.add(Reaction(kind=("respect", "disagreement")[number % 2], created_at=clock.now(), **row))
    assert client.put(url(comment), headers=bearer(reader)).status_code == 429


def test_the_download_has_it_and_the_erasure_takes_it(
    client: FlaskClient, database: Database, bearer: Bearer, reader: Account, comment: Comment, monkeypatch: Any
) -> None:
    with database.transaction() as session:
        another = factories.comment(session, session.get_one(Story, comment.story_id), factories.account(session))
    for each in (comment, another):
        client.put(url(each), headers=bearer(reader))
        client.put(f"/api/v1/comments/{each.id}/respect", headers=bearer(reader))
    # a slice ends between the two reactions to one comment
    monkeypatch.setattr(download, "SLICE_ROWS", 3)
    mine = client.get("/api/v1/me/data", headers=bearer(reader)).get_json()
    assert [reaction["kind"] for reaction in mine["reactions"]] == ["disagreement", "respect"] * 2
    assert mine["account"]["reactions_left_out"] is False
    with database.transaction() as session:
        erasure.erase(session, reader.id)
    assert kept(database) == [(comment.id, "respect"), (another.id, "respect")]
