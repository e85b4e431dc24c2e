"""A mailbox that is much like a banned reader's: a moderator is asked, and nobody is refused."""

import pytest
from sqlalchemy import select

from app.accounts import erasure, standing
from app.models import Account, Item, PaymentCase
from app.models.payment_case import POSSIBLE_RETURN
from app.models.trait import ALIKE
from app.moderation import decisions
from app.payers import mailboxes
from tests.support import factories, moderating
from tests.support.moderating import Desk, rows


def reader(desk: Desk, email: str) -> Account:
    account = factories.account(desk.session, email=email, settings=desk.settings, verified=False)
    mailboxes.prove(desk.session, desk.settings, desk.house, account)
    return account


def restrict(desk: Desk, account: Account, action: str) -> None:
    comment = factories.comment(desk.session, desk.story, account)
    days = 7 if action == "suspend" else None
    desk.decide(moderating.ask(desk.session, desk.house, comment), action, "topic", days=days)


def asked(desk: Desk) -> list[tuple[int, str, str | None]]:
    cases = desk.session.scalars(select(PaymentCase).where(PaymentCase.kind == POSSIBLE_RETURN))
    return [(case.account_id, case.reference, case.matched) for case in cases]


@pytest.mark.parametrize("action", ["ban", "suspend"])
@pytest.mark.parametrize("erased", [False, True], ids=["there", "erased"])
def test_who_signs_up_with_a_doubtful_address_is_asked_about_and_goes_on_writing(
    desk: Desk, action: str, erased: bool
) -> None:
    banned = reader(desk, "sam@hotmail.com")
    restrict(desk, banned, action)
    if erased:
        erasure.erase(desk.session, banned.id)
    other = reader(desk, "sam+2@outlook.com")
    assert asked(desk) == [(other.id, str(banned.id), ALIKE)]
    assert standing.read(desk.session, other.id).good


def test_an_address_that_only_the_paper_names_is_compared_as_well(desk: Desk) -> None:
    banned, other = reader(desk, "sam@paper.com"), factories.account(desk.session)
    restrict(desk, banned, "ban")
    mailboxes.be_told(desk.session, desk.settings, desk.house, other, "sam+2@paper.com")
    assert asked(desk) == [(other.id, str(banned.id), ALIKE)]
    assert standing.read(desk.session, other.id).good
    # and if they are banned one day, nobody whose address is like that one has come back
    decisions.lift(desk.session, desk.house, desk.moderator, banned.id, "Time served.")
    restrict(desk, other, "ban")
    reader(desk, "sam+3@paper.com")
    assert len(asked(desk)) == 1


def test_who_is_there_already_is_asked_about_when_the_ban_comes(desk: Desk) -> None:
    other, banned = reader(desk, "sam@paper.com"), reader(desk, "sam+x@paper.com")
    assert asked(desk) == []
    restrict(desk, banned, "ban")
    assert asked(desk) == [(other.id, str(banned.id), ALIKE)]


def test_nobody_is_asked_about_for_an_address_that_they_have_not_proven(desk: Desk) -> None:
    restrict(desk, reader(desk, "sam@hotmail.com"), "ban")
    factories.account(desk.session, email="sam@hotmail.fr", settings=desk.settings, verified=False)
    assert asked(desk) == []


def test_what_was_judged_of_two_readers_stays_judged(desk: Desk) -> None:
    banned, other = reader(desk, "sam@paper.com"), reader(desk, "sam+x@paper.com")
    factories.comment(desk.session, desk.story, other)
    restrict(desk, banned, "ban")
    (item,) = rows(desk.session, Item, kind="payment")
    desk.decide(item, "allow", None)
    erasure.erase(desk.session, other.id)
    reader(desk, "sam+x@paper.com")
    assert len(asked(desk)) == 1


def test_an_alias_of_one_mailbox_is_the_same_reader_whichever_account_is_banned(desk: Desk) -> None:
    one, other = reader(desk, "sam@hotmail.co.uk"), reader(desk, "sam+2@hotmail.co.uk")
    restrict(desk, one, "ban")
    assert standing.read(desk.session, other.id).kind == "ban"
    assert asked(desk) == []
