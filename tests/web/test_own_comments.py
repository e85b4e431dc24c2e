"""One's own comments, with their state and the reason."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.db import Database
from app.models import Account, Comment, Story
from app.models.comment import DELETED, HELD
from app.moderation import decisions
from app.moderation.decisions import Intent
from app.threads import written
from config.policy import HouseRules
from tests.support import factories, moderating
from tests.support.callers import Headers, OpenBrowser
from tests.support.sql import counted

Bearer = Callable[[Account], Headers]
PATH = "/api/v1/me/comments"


@pytest.fixture
def story(database: Database) -> Story:
    with database.transaction() as session:
        return factories.story(session, factories.site(session), "tide")


@pytest.fixture
def ada(database: Database, story: Story) -> Account:
    with database.transaction() as session:
        return factories.subscriber(session, "Ada")


def remove(session: Session, house: HouseRules, comment: Comment) -> None:
    item = moderating.ask(session, house, comment)
    intent = Intent(item.id, item.revision, "remove", "respect", "It insults the mayor.")
    decisions.decide(session, house, moderating.moderator(session), intent)


def test_each_says_in_which_state_it_is_and_why(
    client: FlaskClient, bearer: Bearer, database: Database, story: Story, ada: Account, house: HouseRules
) -> None:
    with database.transaction() as session:
        factories.comment(session, story, factories.account(session), "Somebody else's.")
        for text, state in (("One.", "published"), ("Two.", HELD), ("Three.", DELETED)):
            factories.comment(session, story, ada, text, state=state)
        remove(session, house, factories.comment(session, story, ada, "Four."))
    four, three, two, one = client.get(PATH, headers=bearer(ada)).get_json()["comments"]
    assert (one["state"], one["sentence"], one["story_title"]) == ("published", "Everyone reads it.", "Tide")
    assert (two["state"], two["text"]) == (HELD, "Two.")
    assert "moderator" in two["sentence"]
    assert (three["state"], three["sentence"]) == (DELETED, "You have taken it back.")
    assert (four["sentence"], four["rule"]) == ("A moderator has removed it.", house.at({}).rules[0].title)
    statement = client.get(f"/api/v1/statements/{four['statement']}", headers=bearer(ada))
    assert statement.get_json()["subject_id"] == four["id"]


def test_the_page_leads_to_the_reasons(
    browser: OpenBrowser, database: Database, story: Story, ada: Account, house: HouseRules
) -> None:
    opened = browser(ada)
    assert "You have not written anything yet." in opened.get("/account/comments").get_data(as_text=True)
    with database.transaction() as session:
        remove(session, house, factories.comment(session, story, ada, "<b>Four</b> *five*"))
    page = opened.get("/account/comments").get_data(as_text=True)
    assert "&lt;b&gt;Four&lt;/b&gt; <em>five</em>" in page
    address = page.split('href="/statements/')[1].split('"')[0]
    assert opened.get(f"/statements/{address}").status_code == 200


def test_a_long_list_goes_on_and_costs_the_same(
    client: FlaskClient,
    bearer: Bearer,
    database: Database,
    story: Story,
    ada: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(written, "SLICE", 3)
    with database.transaction() as session:
        for number in range(7):
            factories.comment(session, story, ada, f"Number {number}.")
    texts, cursor, costs = [], None, set()
    client.get(PATH, headers=bearer(ada))  # which newspapers there are is asked once
    while True:
        with counted(database) as statements:
            found = client.get(PATH + (f"?cursor={cursor}" if cursor else ""), headers=bearer(ada)).get_json()
        costs.add(len(statements))
        texts += [comment["text"] for comment in found["comments"]]
        cursor = found["next"]
        if cursor is None:
            break
    assert texts == [f"Number {number}." for number in reversed(range(7))]
    assert len(costs) == 1


def test_it_is_for_oneself(client: FlaskClient, ada: Account) -> None:
    assert client.get(PATH).status_code == 401


@pytest.mark.parametrize("cursor", ["x", "-1", "1.1"])
def test_a_list_from_nowhere_is_refused(client: FlaskClient, bearer: Bearer, ada: Account, cursor: str) -> None:
    assert client.get(f"{PATH}?cursor={cursor}", headers=bearer(ada)).status_code == 422
