"""What concerns staff of the same rank or a higher one stays open: the page says so and offers no button."""

from collections.abc import Callable

import pytest

from app.accounts import ranks
from app.db import Database
from app.models import Account, Item
from app.models.role import EDITOR, MODERATOR
from app.models.sanction import BAN
from config.policy import HouseRules
from tests.support import factories, moderating
from tests.support.callers import Browser, Headers

Bearer = Callable[[Account], Headers]
Open = Callable[[Account | None], Browser]


@pytest.fixture
def scene(database: Database, house: HouseRules) -> tuple[Account, Account, Account, Item]:
    """A moderator, an editor, a moderator whose comment is reported, and the item about it."""
    with database.transaction() as session:
        site = factories.site(session)
        author = factories.staff(session, MODERATOR)
        comment = factories.comment(session, factories.story(session, site), author)
        item = moderating.report(session, house, comment, factories.account(session))
        factories.sanction(session, author, BAN, at=site)
        return factories.staff(session, MODERATOR), factories.staff(session, EDITOR, at=site), author, item


def test_an_equal_is_told_why_and_refused(
    scene: tuple[Account, Account, Account, Item], browser: Open, bearer: Bearer, database: Database
) -> None:
    equal, _above, author, item = scene
    window = browser(equal)
    shown = window.get(f"/queue/{item.id}").text
    assert ranks.OUTRANKED in shown
    assert 'name="action"' not in shown
    record = window.get(f"/readers/{author.id}").text
    assert ranks.OUTRANKED in record
    for form in ("lift", "name", "grants", "terminations"):
        assert f'action="/readers/{author.id}/{form}"' not in record
    decided = window.post(f"/queue/{item.id}", {"revision": str(item.revision), "action": "approve"})
    assert decided.status_code == 403
    assert ranks.OUTRANKED in decided.text
    answer = window.client.post(
        f"/api/v1/accounts/{author.id}/lift", json={"reason": "Because."}, headers=bearer(equal)
    )
    assert (answer.status_code, answer.get_json()["code"]) == (403, "outranked")
    with database.reading() as session:
        assert session.get_one(Item, item.id).state == "open"


def test_who_is_above_decides(scene: tuple[Account, Account, Account, Item], browser: Open, database: Database) -> None:
    _equal, above, author, item = scene
    window = browser(above)
    assert 'name="action"' in window.get(f"/queue/{item.id}").text
    assert f'action="/readers/{author.id}/lift"' in window.get(f"/readers/{author.id}").text
    assert window.post(f"/queue/{item.id}", {"revision": str(item.revision), "action": "approve"}).status_code == 303
    with database.reading() as session:
        assert session.get_one(Item, item.id).state == "closed"
