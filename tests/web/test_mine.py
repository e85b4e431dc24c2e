"""GET /api/v1/stories/<key>/mine"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.ids import new_id
from app.models import Account, Assessment, Comment, Item, Reaction, Report, Site, Story
from app.models.comment import DELETED, HELD, REMOVED, WITHHELD
from tests.support import factories
from tests.support.callers import Headers
from tests.support.sql import counted

Bearer = Callable[[Account], Headers]
URL = "/api/v1/stories/harbour/mine"


@pytest.fixture
def story(database: Database) -> Story:
    with database.transaction() as session:
        return factories.story(session, factories.site(session), "harbour")


def assessed(session: Session, comment: Comment, reasons: list[str]) -> None:
    session.add(
        Assessment(
            id=new_id(), comment_id=comment.id, revision=1, outcome="hold", reasons=reasons, signals={}, scorer="test",
            created_at=clock.now(),
        )
    )  # fmt: skip


def test_nobody_without_an_account(client: FlaskClient, story: Story) -> None:
    assert client.get(URL).status_code == 401


def test_an_unknown_story_holds_nothing_of_anybody(
    client: FlaskClient, database: Database, bearer: Bearer, story: Story
) -> None:
    with database.transaction() as session:
        reader = factories.account(session)
    answer = client.get("/api/v1/stories/unknown/mine", headers=bearer(reader))
    nothing: dict[str, list[str]] = {"waiting": [], "respects": [], "disagreements": []}
    nothing |= {"reports": [], "mutes": []}
    assert answer.get_json() == {**nothing, "follow": None, "news": False, "unread": 0}


def test_one_sees_ones_own_waiting_comments_with_the_reason_and_nobody_elses(
    client: FlaskClient, database: Database, bearer: Bearer, story: Story
) -> None:
    with database.transaction() as session:
        reader, other = factories.account(session), factories.account(session)
        elsewhere = factories.story(session, session.get_one(Site, story.site_id))
        for second, state in enumerate((HELD, WITHHELD, REMOVED, DELETED)):
            at = clock.now() + timedelta(seconds=second)
            comment = factories.comment(session, story, reader, f"mine, {state}", state=state, at=at)
            assessed(session, comment, ["unscored"])
        factories.comment(session, story, reader, "mine, published")
        factories.comment(session, story, other, "another's", state=HELD)
        factories.comment(session, elsewhere, reader, "elsewhere", state=HELD)
    client.get(URL, headers=bearer(reader))
    with counted(database) as statements:
        answer = client.get(URL, headers=bearer(reader))
    assert len(statements) <= 4
    found = [(comment["text"], comment["reason"]) for comment in answer.get_json()["waiting"]]
    assert found == [("mine, withheld", "severe"), ("mine, held", "unscored")]
    assert "first check did not answer" in answer.get_json()["waiting"][1]["sentence"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_one_alone_sees_what_one_disagrees_with(
    client: FlaskClient, database: Database, bearer: Bearer, story: Story
) -> None:
    with database.transaction() as session:
        reader, other = factories.account(session), factories.account(session)
        comments = [factories.comment(session, story, factories.account(session)) for _ in range(2)]
        for comment, kinds in zip(comments, (("respect", "disagreement"), ("disagreement",)), strict=True):
            row = {"comment_id": comment.id, "account_id": reader.id, "story_id": story.id}
            session.add_all(Reaction(kind=kind, created_at=clock.now(), **row) for kind in kinds)
    first, second = (str(comment.id) for comment in comments)
    answer = client.get(URL, headers=bearer(reader)).get_json()
    assert (answer["respects"], answer["disagreements"]) == ([first], sorted([first, second]))
    assert client.get(URL, headers=bearer(other)).get_json()["disagreements"] == []


def test_one_sees_what_one_respects_and_has_reported(
    client: FlaskClient, database: Database, bearer: Bearer, story: Story
) -> None:
    with database.transaction() as session:
        reader, author = factories.account(session), factories.account(session)
        elsewhere = factories.story(session, session.get_one(Site, story.site_id))
        now = clock.now()
        comments = [factories.comment(session, at, author) for at in (story, story, elsewhere)]
        item = Item(
            id=new_id(), site_id=story.site_id, kind="comment", subject_type="comment", subject_id=comments[1].id,
            reasons=["report"], opened_at=now, due_at=now,
        )  # fmt: skip
        session.add(item)
        session.flush()
        for comment in comments:
            values = {"comment_id": comment.id, "account_id": reader.id, "story_id": comment.story_id}
            session.add(Reaction(**values, created_at=now))
            session.add(
                Report(
                    id=new_id(), account_id=reader.id, site_id=story.site_id, subject_type="comment", revision=1,
                    subject_id=comment.id, rule="respect", item_id=item.id, created_at=now,
                )
            )  # fmt: skip
    answer = client.get(URL, headers=bearer(reader)).get_json()
    ids = sorted(str(comment.id) for comment in comments[:2])
    assert (sorted(answer["respects"]), sorted(answer["reports"])) == (ids, ids)
    assert answer["waiting"] == []
