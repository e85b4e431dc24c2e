"""A kind of item is added by one module, one line in the list and one template, and is shown wherever kinds are."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader
from sqlalchemy import select

from app import clock
from app.db import Database
from app.kinds import KINDS
from app.models import Account, Item, Report, Statement
from app.models.role import MODERATOR
from app.moderation.actions import ACTIONS
from app.review_queue import items, kinds
from app.review_queue.items import Cause, Subject
from config.policy import HouseRules
from tests.support import factories, moderating, second_looks
from tests.support.callers import Browser
from tests.support.reported import latest_decision
from tests.support.repository import REPOSITORY
from tests.support.second_looks import SECOND_LOOK
from tests.support.sight import seen

Open = Callable[[Account | None], Browser]
TEMPLATES = REPOSITORY / "tests/support/templates"
PAGES = REPOSITORY / "app/web/templates/desk/kinds"


@pytest.fixture
def added(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The line in the list, and the folder of the template."""
    assert app.jinja_loader is not None
    monkeypatch.setattr(app, "jinja_loader", ChoiceLoader([app.jinja_loader, FileSystemLoader(TEMPLATES)]))
    before = kinds.in_use().all
    kinds.use((*KINDS, second_looks.KIND))
    yield
    kinds.use(before)


@pytest.fixture
def item(added: None, database: Database, house: HouseRules) -> Item:
    """A comment that was reported, and whose report a moderator has passed on."""
    with database.transaction() as session:
        site = factories.site(session)
        comment = factories.comment(
            session, factories.story(session, site), factories.subscriber(session, "Loud Voice"), "You are a fool."
        )
        moderating.report(session, house, comment, factories.subscriber(session))
        report = session.scalars(select(Report)).one()
        report.note = "Is this still satire?"
        subject = Subject(SECOND_LOOK, report.id, site.id, comment.account_id)
        item_id = items.open_item(session, SECOND_LOOK, subject, Cause(SECOND_LOOK, weight=9.0), house.at({}))
        return session.get_one(Item, item_id)


@pytest.fixture
def window(database: Database, browser: Open) -> Browser:
    with database.transaction() as session:
        moderator = factories.staff(session, MODERATOR)
    return browser(moderator)


def test_it_brings_its_own_time_to_decide(item: Item) -> None:
    assert item.due_at - item.opened_at == timedelta(hours=6)


def test_the_policy_may_give_a_kind_another_time(house: HouseRules) -> None:
    comments = KINDS[0]
    longer = house.at({"due": {"comment_hours": 30}})
    silent = house.at({"due": {"comment_hours": None}})
    for rules, hours in ((longer, 30), (silent, comments.hours)):
        assert comments.time_to_decide("report", rules) == timedelta(hours=hours)
    assert comments.time_to_decide("severe", longer) == timedelta(hours=longer.due.severe_hours)


def test_the_queue_shows_it_with_a_tab_and_a_line_of_its_own(item: Item, window: Browser) -> None:
    page = window.get("/queue").text
    said = " ".join(seen(page))
    assert f'href="/queue?kind={SECOND_LOOK}"' in page
    assert "Second looks <b>1</b>" in page
    assert said.index("Is this still satire?") < said.index("You are a fool.")
    listed = window.client.get("/api/v1/items").get_json()
    assert listed["counts"] == {"comment": 1, SECOND_LOOK: 1}
    assert (listed["items"][0]["kind"], listed["items"][0]["comment"]["text"]) == (SECOND_LOOK, "You are a fool.")


def test_its_page_shows_what_it_is_about_and_its_own_buttons(item: Item, window: Browser) -> None:
    said = " ".join(seen(window.get(f"/queue/{item.id}").text))
    for words in ("A report that a moderator passed on", "Is this still satire?", "You are a fool."):
        assert words in said
    for button in ("Nothing is wrong with it", "Remove"):
        assert button in said
    assert "Ban for good" not in said


def test_the_decision_has_its_statement_and_stands_in_the_log(item: Item, window: Browser, database: Database) -> None:
    answer = window.post(f"/queue/{item.id}", {"revision": "1", "action": "remove", "rule": "respect"})
    assert answer.status_code == 303
    with database.reading() as session:
        statement = session.scalars(select(Statement)).one()
    assert "visibility_removed" in statement.restrictions
    assert "Our software pointed to it." in statement.text
    log = window.get("/queue/log").text
    assert "You are a fool." in log
    assert f'href="/queue/{item.id}"' in log
    assert latest_decision(database).item_id == item.id


def test_what_it_does_not_ask_cannot_be_decided(item: Item, window: Browser) -> None:
    answer = window.post(f"/queue/{item.id}", {"revision": "1", "action": "ban", "rule": "respect"})
    assert answer.status_code == 422


def test_whoever_reported_it_decides_neither(item: Item, database: Database, browser: Open) -> None:
    with database.transaction() as session:
        reporter = session.get_one(Account, session.scalars(select(Report.account_id)).one())
        factories.give_role(session, reporter, MODERATOR)
    answer = browser(reporter).post(f"/queue/{item.id}", {"revision": "1", "action": "dismiss"})
    assert answer.status_code == 403


def test_the_metrics_count_it(item: Item, window: Browser) -> None:
    assert "btl_items_open 2.0" in window.client.get("/metrics").text
    with clock.pretend(clock.now() + timedelta(hours=7)):
        assert "btl_items_overdue 1.0" in window.client.get("/metrics").text


def test_nobody_opens_an_item_of_a_kind_that_is_in_no_list(database: Database, house: HouseRules) -> None:
    subject = Subject("rumour", 1, 1, None)
    with pytest.raises(KeyError, match="rumour"), database.transaction() as session:
        items.open_item(session, "rumour", subject, Cause("rumour", weight=1.0), house.at({}))


def test_every_kind_has_its_page_and_every_question_its_answers() -> None:
    assert {kind.name for kind in KINDS} == {path.stem for path in PAGES.glob("*.html")}
    questions = [question for kind in KINDS for each in kind.subjects for question in each.questions]
    assert len({question.name for question in questions}) == len(questions)
    for question in questions:
        assert question.name == "appeal" or set(question.actions) <= set(ACTIONS), question.name
