"""PUT and DELETE /api/v1/comments/<id>/respect, and the button on the page"""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from app import clock
from app.db import Database
from app.models import Account, Comment, Reaction, Site, Story
from app.models.comment import DELETED, HELD, REMOVED, WITHHELD
from app.models.sanction import BAN, SUSPENSION
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import Browser, Headers, OpenBrowser

Bearer = Callable[[Account], Headers]


@pytest.fixture
def comment(database: Database) -> Comment:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        return factories.comment(session, story, factories.subscriber(session, "Ada"))


def url(comment: Comment) -> str:
    return f"/api/v1/comments/{comment.id}/respect"


def count(client: FlaskClient, comment: Comment) -> int:
    found: int = client.get(f"/api/v1/comments/{comment.id}").get_json()["comment"]["respects"]
    return found


@pytest.mark.parametrize("method", ["put", "delete"])
def test_nobody_without_an_account(client: FlaskClient, comment: Comment, method: str) -> None:
    answer = getattr(client, method)(url(comment))
    assert (answer.status_code, answer.get_json()["code"]) == (401, "sign_in_required")


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("never subscribed", 402, "no_subscription"),
        ("lapsed", 402, "canceled"),
        ("unverified", 403, "unverified"),
        ("suspended", 403, "suspended"),
        ("banned", 403, "banned"),
    ],
)
def test_nobody_who_is_no_subscriber_in_good_standing(
    client: FlaskClient, database: Database, bearer: Bearer, comment: Comment, who: str, status: int, code: str
) -> None:
    with database.transaction() as session:
        reader = factories.subscriber(session) if who != "never subscribed" else factories.account(session)
        site = session.get_one(Site, comment.site_id)
        if who == "lapsed":
            reader = factories.subscriber(session, status="canceled")
        elif who == "unverified":
            reader.verified_at = None
        elif who in ("suspended", "banned"):
            factories.sanction(session, reader, BAN if who == "banned" else SUSPENSION, at=site)
    answer = client.put(url(comment), headers=bearer(reader))
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert count(client, comment) == 0


def test_nobody_their_own_comment(client: FlaskClient, database: Database, bearer: Bearer, comment: Comment) -> None:
    with database.reading() as session:
        author = session.get_one(Account, comment.account_id)
    answer = client.put(url(comment), headers=bearer(author))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "own_comment")


@pytest.mark.parametrize("state", [HELD, WITHHELD, REMOVED, DELETED])
def test_nobody_what_is_not_published(
    client: FlaskClient, database: Database, bearer: Bearer, comment: Comment, state: str
) -> None:
    with database.transaction() as session:
        reader = factories.subscriber(session)
        story = session.get_one(Story, comment.story_id)
        other = factories.comment(session, story, factories.account(session), state=state)
    assert client.put(url(other), headers=bearer(reader)).status_code == 404
    assert client.put("/api/v1/comments/1/respect", headers=bearer(reader)).status_code == 404


def test_a_subscriber_counts_once_and_readers_see_it_at_once(
    client: FlaskClient, database: Database, bearer: Bearer, comment: Comment
) -> None:
    with database.transaction() as session:
        readers = [factories.subscriber(session) for _ in range(2)]
    etag = client.get(f"/api/v1/comments/{comment.id}").headers["ETag"]
    for _ in range(2):
        answer = client.put(url(comment), headers=bearer(readers[0]))
    assert answer.get_json() == {"respected": True, "respects": 1}
    assert client.put(url(comment), headers=bearer(readers[1])).get_json()["respects"] == 2
    assert client.get(f"/api/v1/comments/{comment.id}").headers["ETag"] != etag
    assert count(client, comment) == 2


def test_withdrawing_takes_back_what_was_given_and_no_more(
    client: FlaskClient, database: Database, bearer: Bearer, comment: Comment
) -> None:
    with database.transaction() as session:
        readers = [factories.subscriber(session) for _ in range(2)]
    for reader in readers:
        client.put(url(comment), headers=bearer(reader))
    for _ in range(2):
        answer = client.delete(url(comment), headers=bearer(readers[0]))
    assert answer.get_json() == {"respected": False, "respects": 1}


def test_an_old_comment_takes_no_respect_any_more(
    client: FlaskClient, database: Database, bearer: Bearer, browser: OpenBrowser, house: HouseRules
) -> None:
    """Whose respect it has is forgotten, so that somebody might count twice."""
    days = house.retention.reactions_days
    ages = [clock.now() - timedelta(days=age) for age in (days + 1, days - 1)]
    with database.transaction() as session:
        reader = factories.subscriber(session)
        story = factories.story(session, factories.site(session))
        old, young = (factories.comment(session, story, factories.account(session), at=at) for at in ages)
    answer = client.put(url(old), headers=bearer(reader))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "reactions_over")
    assert f"{days} days" in answer.get_json()["detail"]
    assert client.put(url(young), headers=bearer(reader)).status_code == 200
    assert client.delete(url(old), headers=bearer(reader)).get_json() == {"respected": False, "respects": 0}
    page = browser(reader).get(f"/stories/{story.id}").text
    assert [f"/comments/{comment.id}/respect" in page for comment in (old, young)] == [False, True]


def test_a_reader_respects_so_many_a_minute(
    client: FlaskClient, database: Database, bearer: Bearer, comment: Comment, house: HouseRules
) -> None:
    with database.transaction() as session:
        reader = factories.subscriber(session)
        story = session.get_one(Story, comment.story_id)
        author = session.get_one(Account, comment.account_id)
        for _ in range(house.at({}).limits.reactions_per_minute):
            other = factories.comment(session, story, author)
            values = {"comment_id": other.id, "account_id": reader.id, "story_id": story.id}
            session.add(Reaction(**values, created_at=clock.now()))
    refused = client.put(url(comment), headers=bearer(reader))
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        assert client.put(url(comment), headers=bearer(reader)).status_code == 200


def test_the_button_respects_and_withdraws_and_leads_back(
    client: FlaskClient, database: Database, browser: Callable[[Account | None], Browser], comment: Comment
) -> None:
    with database.transaction() as session:
        reader = factories.subscriber(session)
    page = browser(reader)
    back = f"/stories/{comment.story_id}?sort=oldest"
    answer = page.post(f"/comments/{comment.id}/respect", {"back": back})
    assert (answer.status_code, answer.location) == (303, f"{back}#c{comment.id}")
    assert count(client, comment) == 1
    page.post(f"/comments/{comment.id}/respect", {"withdraw": "true"})
    assert count(client, comment) == 0


def test_the_button_never_leads_to_another_house(
    database: Database, browser: Callable[[Account | None], Browser], comment: Comment
) -> None:
    with database.transaction() as session:
        reader = factories.subscriber(session)
    answer = browser(reader).post(f"/comments/{comment.id}/respect", {"back": "//evil.example"})
    assert answer.location == f"/#c{comment.id}"
