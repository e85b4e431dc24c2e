"""GET /queue/log: the decisions at a moderator's sites, a page at a time."""

import re

import pytest

from app.db import Database
from app.models import Account
from app.moderation import history
from config.policy import HouseRules
from config.settings import Settings
from tests.support import moderating
from tests.support.callers import OpenBrowser


@pytest.fixture
def moderator(database: Database, settings: Settings, house: HouseRules) -> Account:
    """Who has approved three comments."""
    with database.transaction() as session:
        desk = moderating.open_desk(session, settings, house)
        for _ in range(3):
            desk.decide(moderating.ask(session, house, desk.comment()), "approve")
        return session.get_one(Account, desk.moderator.account_id)


@pytest.mark.parametrize(("size", "pages"), [(1, [1, 1, 1]), (2, [2, 1]), (3, [3]), (4, [3])])
def test_it_is_read_to_its_end_and_no_further(
    browser: OpenBrowser, moderator: Account, monkeypatch: pytest.MonkeyPatch, size: int, pages: list[int]
) -> None:
    monkeypatch.setattr(history, "SLICE_DECISIONS", size)
    window, address, seen = browser(moderator), "/queue/log", []
    while address:
        page = window.get(address).text
        seen.append(len(re.findall(r"/decisions/\d+/undo", page)))
        earlier = re.search(r'href="(/queue/log\?before=\d+)"', page)
        address = earlier[1] if earlier else ""
    assert seen == pages


@pytest.mark.parametrize("before", ["", "x", "1.2", "99999999999999999999"])
def test_what_names_no_decision_leads_to_the_latest(browser: OpenBrowser, moderator: Account, before: str) -> None:
    window = browser(moderator)
    assert window.get(f"/queue/log?before={before}").text.count("/undo") == window.get("/queue/log").text.count("/undo")
