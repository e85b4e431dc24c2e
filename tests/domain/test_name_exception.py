"""A moderator judges whether a reader may bear a name that is not the one they pay under."""

import pytest
from sqlalchemy import select

from app.accounts import names, standing
from app.models import Account, Item, Job, PaymentCase
from app.models.account import EXCEPTION, MATCH, MISMATCH
from app.models.item import CLOSED, OPEN
from app.models.payment_case import ALLOWED, DISMISSED
from app.models.payment_case import OPEN as UNDECIDED
from app.moderation import undo
from app.payers import name_checks
from config.policy import HouseRules
from tests.support import factories, moderating
from tests.support.moderating import Desk, refused, rows
from tests.support.scorers import Marked

FINE = Marked().score(["fine"], 1)


@pytest.fixture
def item(desk: Desk) -> Item:
    """The question of a reader whose name is not the payer's."""
    desk.author.name_check = MISMATCH
    desk.session.flush()
    asking = HouseRules(desk.house.at({"payments": {"names": "required"}}))
    name_checks.ask_for_exception(desk.session, asking, desk.author.id)
    return desk.session.scalars(select(Item)).one()


def check(desk: Desk) -> str | None:
    return rows(desk.session, Account, id=desk.author.id)[0].name_check


def outcome(desk: Desk) -> str:
    return rows(desk.session, PaymentCase)[0].outcome


def compared(desk: Desk) -> int:
    return len(rows(desk.session, Job, kind=names.COMPARE))


def test_who_asks_does_not_decide(desk: Desk, item: Item) -> None:
    factories.give_role(desk.session, desk.author, "moderator")
    with refused("own_case"):
        desk.decide(item, "allow", by=moderating.identity_of(desk.session, desk.author))


def test_nobody_is_banned_or_renamed_for_it(desk: Desk, item: Item) -> None:
    for action in ("ban", "confirm", "reset_name"):
        with refused("unknown_action"):
            desk.decide(item, action)


def test_to_allow_it_is_an_exception_for_the_name(desk: Desk, item: Item) -> None:
    desk.decide(item, "allow")
    assert (check(desk), outcome(desk), rows(desk.session, Item)[0].state) == (EXCEPTION, ALLOWED, CLOSED)
    assert rows(desk.session, Job, kind=names.REFRESH)


def test_to_dismiss_it_changes_nothing(desk: Desk, item: Item) -> None:
    desk.decide(item, "dismiss")
    assert (check(desk), outcome(desk), rows(desk.session, Item)[0].state) == (MISMATCH, DISMISSED, CLOSED)


def test_an_exception_for_a_name_that_was_given_up_is_refused(desk: Desk, item: Item) -> None:
    names.change(desk.session, desk.house, desk.author.id, "Beatrice Gull", FINE)
    with refused("name_changed"):
        desk.decide(item, "allow")


def test_another_name_ends_the_exception(desk: Desk, item: Item) -> None:
    desk.decide(item, "allow")
    names.change(desk.session, desk.house, desk.author.id, "Beatrice Gull", FINE)
    assert check(desk) is None


def test_an_undo_takes_the_exception_back_and_has_the_name_compared(desk: Desk, item: Item) -> None:
    decision = desk.decide(item, "allow")
    undo.undo(desk.session, desk.house, desk.moderator, decision.id, "A slip.")
    assert (check(desk), outcome(desk), compared(desk)) == (None, UNDECIDED, 1)
    assert [found.state for found in rows(desk.session, Item)].count(OPEN) == 1


def test_an_undo_leaves_alone_what_has_nothing_to_do_with_the_exception(desk: Desk, item: Item) -> None:
    decision = desk.decide(item, "allow")
    name_checks.settle(desk.session, standing.lock(desk.session, desk.author.id), MATCH)
    undo.undo(desk.session, desk.house, desk.moderator, decision.id, "A slip.")
    assert (check(desk), compared(desk)) == (MATCH, 0)
