"""A moderator answers whether a ban of the old system holds here."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import Database
from app.models import Account, Item, Sanction, Site, Statement
from app.models.role import MODERATOR
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, old_systems
from tests.support.bringing import Bringing
from tests.support.callers import Browser


@pytest.fixture
def window(
    database: Database, settings: Settings, house: HouseRules, tmp_path: Path, browser: Callable[[Account], Browser]
) -> Browser:
    with database.transaction() as session:
        factories.site(session, "paper")
        moderator = factories.staff(session, MODERATOR, at=session.scalars(select(Site)).one())
    Bringing(database, settings, house).bring(old_systems.coral(tmp_path))
    return browser(moderator)


def item(database: Database) -> Item:
    with database.reading() as session:
        return session.scalars(select(Item).where(Item.kind == "old_ban")).one()


def test_the_queue_has_it_and_its_page_says_what_it_is(database: Database, window: Browser) -> None:
    assert "Eve" in window.get("/queue?kind=old_ban").text
    page = window.get(f"/queue/{item(database).id}").text
    assert "Does this ban hold here?" in page
    assert "Ban here as well" in page
    assert "eve@example.com" not in page


def test_to_ban_here_needs_a_rule_and_gives_reasons(database: Database, window: Browser) -> None:
    asked = item(database)
    form = {"revision": str(asked.revision), "action": "keep_ban", "reason": ""}
    assert window.post(f"/queue/{asked.id}", form).status_code == 422
    assert window.post(f"/queue/{asked.id}", form | {"rule": "threat"}).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Sanction.kind)).all() == ["ban"]
        (statement,) = session.scalars(select(Statement))
        assert statement.restrictions == ["account_terminated"]
    assert item(database).state == "closed"


def test_to_let_it_rest_leaves_nothing(database: Database, window: Browser) -> None:
    asked = item(database)
    assert window.post(f"/queue/{asked.id}", {"revision": str(asked.revision), "action": "dismiss"}).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Sanction)).all() == []
    assert item(database).state == "closed"
