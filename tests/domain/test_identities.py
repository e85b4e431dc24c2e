"""A ban follows the payer: whoever pays with what a banned reader paid with is held, until a moderator has looked."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import text

from app import clock, retention
from app.accounts import erasure
from app.billing import facts
from app.billing.entitlement import Reason
from app.db import Database
from app.gateway.fingerprints import Fingerprint
from app.models import Account, Item, PaymentCase, Site, Trait, trait
from app.models.item import OPEN
from app.moderation import appeals, decisions, undo
from app.payers import identities
from config.identity_keys import DERIVED, IdentityKey
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.moderating import Desk, rows

CARD, OTHER_CARD = Fingerprint("card", "fp_one"), Fingerprint("card", "fp_two")
PAYPAL = Fingerprint("paypal", "payer_one")
OLD, NEW = IdentityKey("old", "o" * 32), IdentityKey("new", "n" * 32)


def pays(desk: Desk, account: Account, *seen: Fingerprint, settings: Settings | None = None) -> None:
    identities.capture(desk.session, settings or desk.settings, desk.house, account.id, seen)


def ban(desk: Desk, account: Account, action: str = "ban", **more: Any) -> None:
    item = moderating.ask(desk.session, desk.house, factories.comment(desk.session, desk.story, account))
    desk.decide(item, action, "threat", **more)


def why(desk: Desk, account: Account) -> Reason:
    site = desk.session.get_one(Site, desk.story.site_id)
    return facts.entitlement(desk.session, account.id, site, clock.now(), desk.house.at({})).reason


def cases(desk: Desk) -> list[tuple[int, str, str | None]]:
    return [(case.account_id, case.reference, case.matched) for case in rows(desk.session, PaymentCase)]


def open_items(desk: Desk) -> list[Item]:
    return rows(desk.session, Item, kind="payment", state=OPEN)


@pytest.fixture
def second(desk: Desk) -> Account:
    """Another account, with a subscription of its own."""
    return factories.subscriber(desk.session)


@pytest.mark.parametrize("first", ["ban", "payment"])
@pytest.mark.parametrize("kind", trait.STRONG)
def test_a_strong_match_holds_writing_whichever_came_first(desk: Desk, second: Account, kind: str, first: str) -> None:
    seen = Fingerprint(kind, "the same")
    pays(desk, desk.author, seen)
    if first == "payment":
        pays(desk, second, seen)
        assert why(desk, second) is Reason.ACTIVE
    ban(desk, desk.author)
    if first == "ban":
        pays(desk, second, seen)
    assert why(desk, second) is Reason.IDENTITY_REVIEW
    assert cases(desk) == [(second.id, str(desk.author.id), kind)]


def test_what_the_banned_reader_pays_with_later_is_followed_too(desk: Desk, second: Account) -> None:
    pays(desk, second, CARD)
    ban(desk, desk.author)
    pays(desk, desk.author, CARD)
    assert why(desk, second) is Reason.IDENTITY_REVIEW


def test_another_card_and_the_same_value_of_another_kind_are_no_match(desk: Desk, second: Account) -> None:
    pays(desk, desk.author, CARD)
    ban(desk, desk.author)
    pays(desk, second, OTHER_CARD, Fingerprint("paypal", CARD.value))
    assert cases(desk) == []


@pytest.mark.parametrize("kind", ["email", "link"])
def test_an_address_is_asked_about_however_it_is_spelt_and_holds_nothing(
    desk: Desk, second: Account, kind: str
) -> None:
    pays(desk, desk.author, Fingerprint(kind, "Loud.Voice+paper@gmail.com"))
    ban(desk, desk.author)
    pays(desk, second, Fingerprint(kind, "loudvoice@googlemail.com"))
    assert cases(desk) == [(second.id, str(desk.author.id), kind)]
    assert why(desk, second) is Reason.ACTIVE


def test_an_address_that_a_banned_reader_gives_afterwards_accuses_nobody(desk: Desk, second: Account) -> None:
    """Whoever manages a customer at Stripe may write any address into it, one victim's after the other."""
    address = Fingerprint("email", "victim@paper.example")
    pays(desk, second, address)
    ban(desk, desk.author)
    pays(desk, desk.author, address)
    assert cases(desk) == []
    pays(desk, desk.author, CARD, address)
    pays(desk, second, CARD)
    assert cases(desk) == [(second.id, str(desk.author.id), "card")]


def test_a_stronger_match_makes_an_open_question_graver(desk: Desk, second: Account) -> None:
    address = Fingerprint("email", "loud@paper.example")
    pays(desk, desk.author, address, CARD)
    ban(desk, desk.author)
    pays(desk, second, address)
    (item,) = open_items(desk)
    seen = item.revision
    pays(desk, second, CARD)
    desk.session.refresh(item)
    assert item.revision > seen
    assert cases(desk) == [(second.id, str(desk.author.id), "card")]
    assert why(desk, second) is Reason.IDENTITY_REVIEW


@pytest.mark.parametrize(
    "address", ["a@privaterelay.appleid.com", "a@duck.com", "a@me.anonaddy.com", "b@MOZMAIL.com", "no address"]
)
def test_a_mask_says_nothing(settings: Settings, address: str) -> None:
    assert identities.tokens(settings, [Fingerprint("email", address)]) == []


def test_a_suspension_is_asked_about_and_holds_nothing_until_it_is_a_ban(desk: Desk, second: Account) -> None:
    pays(desk, desk.author, CARD)
    ban(desk, desk.author, "suspend", days=7)
    pays(desk, second, CARD)
    assert len(open_items(desk)) == 1
    assert why(desk, second) is Reason.ACTIVE
    ban(desk, desk.author)
    assert why(desk, second) is Reason.IDENTITY_REVIEW
    assert len(open_items(desk)) == 1


def test_a_household_that_was_allowed_stays_allowed_with_every_card(desk: Desk, second: Account) -> None:
    pays(desk, desk.author, CARD, PAYPAL)
    ban(desk, desk.author)
    pays(desk, second, CARD)
    desk.decide(open_items(desk)[0], "allow", rule=None)
    pays(desk, second, CARD, PAYPAL)
    assert why(desk, second) is Reason.ACTIVE
    assert open_items(desk) == []
    # a third account has no part in the exception
    third = factories.subscriber(desk.session)
    pays(desk, third, PAYPAL)
    assert why(desk, third) is Reason.IDENTITY_REVIEW


def test_a_confirmed_return_is_followed_in_its_turn(desk: Desk, second: Account) -> None:
    pays(desk, desk.author, CARD)
    ban(desk, desk.author)
    pays(desk, second, CARD, OTHER_CARD)
    third = factories.subscriber(desk.session)
    pays(desk, third, OTHER_CARD)
    assert why(desk, third) is Reason.ACTIVE
    desk.decide(open_items(desk)[0], "confirm", "honesty")
    assert [why(desk, each) for each in (second, third)] == [Reason.BANNED, Reason.IDENTITY_REVIEW]


@pytest.mark.parametrize("before", ["suspend", "ban"])
def test_a_confirmed_return_is_asked_about_again_when_the_other_is_banned_anew(
    desk: Desk, second: Account, before: str
) -> None:
    pays(desk, desk.author, CARD)
    ban(desk, desk.author, before, days=7)
    pays(desk, second, CARD)
    confirmed = desk.decide(open_items(desk)[0], "confirm", "honesty")
    for account in (second, desk.author):
        decisions.lift(desk.session, desk.house, desk.moderator, account.id, "Time served.")
        pays(desk, second, CARD)
        assert (why(desk, second), open_items(desk)) == (Reason.ACTIVE, [])
    ban(desk, desk.author)
    assert why(desk, second) is Reason.IDENTITY_REVIEW
    (asked,) = open_items(desk)
    desk.decide(asked, "allow", rule=None)
    undo.undo(desk.session, desk.house, desk.moderator, confirmed.id, "It was somebody else.")
    ban(desk, desk.author)
    assert (why(desk, second), open_items(desk)) == (Reason.ACTIVE, [])


def test_an_appeal_that_is_granted_answers_what_was_asked_anew(desk: Desk, second: Account) -> None:
    pays(desk, desk.author, CARD)
    ban(desk, desk.author, "suspend", days=7)
    pays(desk, second, CARD)
    statement_id = desk.decide(open_items(desk)[0], "confirm", "honesty").statement_id
    ban(desk, desk.author)
    assert why(desk, second) is Reason.IDENTITY_REVIEW
    assert statement_id
    appeals.file(desk.session, desk.house, second.id, statement_id, "It is my wife's card.")
    (appeal,) = rows(desk.session, Item, kind="appeal")
    desk.decide(appeal, "overturn", rule=None, by=moderating.moderator(desk.session))
    assert (why(desk, second), open_items(desk)) == (Reason.ACTIVE, [])


def test_who_paid_while_the_ban_was_lifted_is_asked_about_when_it_is_not_any_more(desk: Desk, second: Account) -> None:
    pays(desk, desk.author, CARD)
    ban(desk, desk.author)
    lifted = decisions.lift(desk.session, desk.house, desk.moderator, desk.author.id, "Time served.")
    pays(desk, second, CARD)
    assert cases(desk) == []
    undo.undo(desk.session, desk.house, desk.moderator, lifted.id, "A mistake.")
    assert why(desk, second) is Reason.IDENTITY_REVIEW


def test_of_two_who_are_banned_the_one_who_is_freed_is_asked_about(desk: Desk, second: Account) -> None:
    for account in (desk.author, second):
        pays(desk, account, CARD)
        ban(desk, account)
    assert [case[0] for case in cases(desk)] == [second.id]
    decisions.lift(desk.session, desk.house, desk.moderator, desk.author.id, "A mistake.")
    assert why(desk, desk.author) is Reason.IDENTITY_REVIEW


def kept(desk: Desk, account: Account) -> bool:
    return bool(rows(desk.session, Trait, account_id=account.id))


def test_erasing_oneself_is_no_way_around_a_ban(desk: Desk, second: Account) -> None:
    pays(desk, desk.author, CARD)
    ban(desk, desk.author)
    erasure.erase(desk.session, desk.author.id)
    pays(desk, second, CARD)
    assert why(desk, second) is Reason.IDENTITY_REVIEW


def test_nothing_is_kept_of_who_leaves_in_good_standing(desk: Desk, second: Account) -> None:
    pays(desk, second, CARD)
    erasure.erase(desk.session, second.id)
    assert not kept(desk, second)
    pays(desk, second, CARD)
    assert not kept(desk, second)


def test_what_a_question_may_need_is_kept_until_it_is_answered(
    database: Database, settings: Settings, house: HouseRules
) -> None:
    with database.transaction() as session:
        desk = moderating.open_desk(session, settings, house)
        pays(desk, desk.author, CARD)
        item = moderating.ask(session, house, desk.comment())
        erasure.erase(session, desk.author.id)
        assert kept(desk, desk.author)
    retention.forget(database, house, {})
    with database.transaction() as session:
        desk.session = session
        assert kept(desk, desk.author)
        desk.decide(session.get_one(Item, item.id), "approve", rule=None)
    with clock.pretend(clock.now() + timedelta(days=house.retention.quarantine_days)):
        retention.forget(database, house, {})
    with database.reading() as session:
        assert rows(session, Trait, account_id=desk.author.id) == []


def test_neither_fingerprint_nor_address_is_in_any_row(desk: Desk, second: Account) -> None:
    seen = [Fingerprint("card", "fp_in_the_clear"), Fingerprint("email", "payer@in-the-clear.example")]
    pays(desk, desk.author, *seen)
    ban(desk, desk.author)
    pays(desk, second, *seen)
    desk.session.flush()
    names = [table.name for table in Trait.metadata.sorted_tables]
    everything = str([desk.session.execute(text(f'SELECT * FROM "{name}"')).all() for name in names])
    assert str(second.id) in everything
    assert "in_the_clear" not in everything
    assert "in-the-clear" not in everything


STEPS = [(OLD,), (NEW, OLD), (NEW,)]


@hypothesis(max_examples=25)
@given(paid=st.lists(st.integers(0, 2), min_size=1, max_size=3), again=st.sampled_from([1, 2]))
def test_a_key_is_exchanged_and_every_match_stays(desk: Desk, paid: list[int], again: int) -> None:
    """A banned reader's card is captured at some steps of an exchange, at the latest when both keys are in use; a new
    account that pays at any later step is held."""
    with desk.session.begin_nested() as savepoint:
        steps = [replace(desk.settings, identity_keys=keys) for keys in STEPS]
        banned = factories.subscriber(desk.session)
        for step in sorted({*paid, 1}):
            pays(desk, banned, CARD, settings=steps[step])
        ban(desk, banned)
        returned = factories.subscriber(desk.session)
        pays(desk, returned, CARD, settings=steps[again])
        assert why(desk, returned) is Reason.IDENTITY_REVIEW
        savepoint.rollback()


def test_digests_differ_by_kind_key_and_mode(settings: Settings) -> None:
    keyed = replace(settings, identity_keys=(OLD, NEW, IdentityKey(DERIVED)))
    live = replace(keyed, stripe_mode="live")
    seen = [Fingerprint("card", "x"), Fingerprint("paypal", "x")]
    values = {token.value for each in (keyed, live) for token in identities.tokens(each, seen)}
    assert len(values) == 12
    assert all(len(value) == 64 for value in values)


def test_an_address_that_a_banned_reader_gives_accuses_nobody_who_has_it(desk: Desk, second: Account) -> None:
    """They put it on their customer at Stripe; its owner changes something there later."""
    ban(desk, desk.author)
    pays(desk, desk.author, Fingerprint("email", "victim@example.org"))
    pays(desk, second, Fingerprint("email", "victim@example.org"))
    assert cases(desk) == []
    pays(desk, second, Fingerprint("card", "their own"))
    assert why(desk, second) is Reason.ACTIVE
