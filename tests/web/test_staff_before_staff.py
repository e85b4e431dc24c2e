"""What concerns staff of the same rank or a higher one stays open: the page says so and offers no button."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.accounts import ranks
from app.db import Database
from app.models import Account, Item, Story
from app.models.role import EDITOR, MODERATOR
from app.models.sanction import BAN
from app.moderation import decisions
from app.moderation.decisions import Intent
from app.review_queue import items
from config.policy import HouseRules
from tests.support import factories, moderating
from tests.support.callers import Browser, Headers
from tests.support.sql import counted

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


def test_what_was_decided_on_them_has_an_undo_for_who_is_above_alone(
    scene: tuple[Account, Account, Account, Item], browser: Open, database: Database, house: HouseRules
) -> None:
    equal, above, author, item = scene
    with database.transaction() as session:
        by = moderating.identity_of(session, above)
        decision = decisions.decide(session, house, by, Intent(item.id, item.revision, "approve"))
    address = f"/decisions/{decision.id}/undo"
    for page in ("/queue/log", f"/queue/{item.id}", f"/readers/{author.id}"):
        shown = browser(equal).get(page).text
        assert address not in shown
        assert ranks.OUTRANKED in shown
        assert address in browser(above).get(page).text
    assert browser(equal).post(address, {}).status_code == 403


def test_who_reported_has_no_undo_and_reads_why(
    scene: tuple[Account, Account, Account, Item], browser: Open, database: Database, house: HouseRules
) -> None:
    _equal, above, _author, _item = scene
    with database.transaction() as session:
        reporter, reader = factories.staff(session, MODERATOR), factories.account(session)
        comment = factories.comment(session, session.scalars(select(Story)).one(), reader)
        item = moderating.report(session, house, comment, reporter)
        by = moderating.identity_of(session, above)
        decision = decisions.decide(session, house, by, Intent(item.id, item.revision, "approve"))
    for page in ("/queue/log", f"/queue/{item.id}", f"/readers/{reader.id}"):
        shown = browser(reporter).get(page).text
        assert f"/decisions/{decision.id}/undo" not in shown
        assert items.OWN_CASE in shown
        assert f"/decisions/{decision.id}/undo" in browser(above).get(page).text


def test_a_lift_is_offered_to_who_moderates_wherever_it_was_imposed(
    browser: Open, database: Database, house: HouseRules
) -> None:
    with database.transaction() as session:
        here, elsewhere = factories.site(session), factories.site(session)
        reader = factories.account(session)
        factories.sanction(session, reader, BAN, at=elsewhere)
        item = moderating.ask_about_name(session, house, reader, here.id)
        of_both, of_one = factories.staff(session, MODERATOR), factories.staff(session, MODERATOR, at=here)
    for moderator, offered in ((of_both, True), (of_one, False)):
        window = browser(moderator)
        assert (f"/readers/{reader.id}/lift" in window.get(f"/readers/{reader.id}").text) is offered
        assert ('value="lift"' in window.get(f"/queue/{item.id}").text) is offered
    assert browser(of_one).post(f"/readers/{reader.id}/lift", {"reason": "Because."}).status_code == 404


def test_the_log_costs_as_many_statements_for_many_decisions_as_for_few(
    scene: tuple[Account, Account, Account, Item], browser: Open, database: Database, house: HouseRules
) -> None:
    _equal, above, _author, item = scene
    window = browser(above)

    def cost() -> int:
        with counted(database) as statements:
            assert window.get("/queue/log").status_code == 200
        return len(statements)

    with database.transaction() as session:
        by = moderating.identity_of(session, above)
        decisions.decide(session, house, by, Intent(item.id, item.revision, "approve"))
    cost()
    few = cost()
    with database.transaction() as session:
        story = session.scalars(select(Story)).one()
        for _ in range(5):
            asked = moderating.ask(session, house, factories.comment(session, story, factories.account(session)))
            decisions.decide(session, house, by, Intent(asked.id, asked.revision, "approve"))
    assert cost() == few
