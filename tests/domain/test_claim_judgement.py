"""A customer that two readers claim: a moderator who is neither of them says whose it is, and it stays so."""

import pytest
from sqlalchemy import delete, select

from app import clock
from app.billing import links, subscriptions
from app.billing.links import LinkOutcome, Proof
from app.gateway.invoices import Dues
from app.gateway.snapshot import normalise_subscription
from app.models import Account, Customer, Item, Letter, PaymentCase, Subscription
from app.models.item import OPEN
from app.models.letter import LINK_MOVED_AWAY, LINK_MOVED_HERE
from app.models.payment_case import ALLOWED, DISMISSED
from app.models.role import MODERATOR
from app.moderation import undo
from tests.support import factories, moderating
from tests.support.moderating import Desk, refused, rows

CUSTOMER = "cus_claimed_twice"


@pytest.fixture
def claimed(desk: Desk) -> tuple[Account, Account]:
    """Who has the customer, and who claims it with as good a proof."""
    session = desk.session
    owner, claimant = factories.account(session), factories.account(session)
    session.add(Customer(id=CUSTOMER, account_id=owner.id, created_at=clock.now()))
    row = factories.subscribe(session, owner)
    row.customer_id = CUSTOMER
    session.flush()
    assert links.link(session, desk.house, CUSTOMER, claimant.id, Proof.LETTER) is LinkOutcome.CONTESTED
    return owner, claimant


def item(desk: Desk) -> Item:
    return rows(desk.session, Item, kind="payment", state=OPEN)[0]


def owners(desk: Desk) -> set[int | None]:
    """Of the customer, and of what it pays for: nobody's, until Stripe was asked what it is paid with."""
    session = desk.session
    session.expire_all()
    mine = select(Subscription.account_id).where(Subscription.customer_id == CUSTOMER)
    return {session.get_one(Customer, CUSTOMER).account_id, *session.scalars(mine)}


@pytest.mark.parametrize("which", [0, 1], ids=["who has it", "who claims it"])
def test_neither_of_the_two_decides(desk: Desk, claimed: tuple[Account, Account], which: int) -> None:
    factories.give_role(desk.session, claimed[which], MODERATOR)
    with refused("own_case"):
        desk.decide(item(desk), "allow", by=moderating.identity_of(desk.session, claimed[which]))


def test_allowed_it_moves_and_refused_it_stays(desk: Desk, claimed: tuple[Account, Account]) -> None:
    owner, _claimant = claimed
    desk.decide(item(desk), "dismiss")
    assert owners(desk) == {owner.id}
    assert rows(desk.session, PaymentCase)[0].outcome == DISMISSED
    another = factories.account(desk.session)
    links.link(desk.session, desk.house, CUSTOMER, another.id, Proof.PAPER)
    desk.decide(item(desk), "allow")
    assert owners(desk) == {another.id, None}
    assert [each.outcome for each in rows(desk.session, PaymentCase)] == [DISMISSED, ALLOWED]


def test_both_are_told_when_it_moves_and_nobody_when_it_stays(desk: Desk, claimed: tuple[Account, Account]) -> None:
    owner, claimant = claimed
    desk.decide(item(desk), "allow")
    told = {letter.account_id: letter.kind for letter in rows(desk.session, Letter)}
    assert told == {owner.id: LINK_MOVED_AWAY, claimant.id: LINK_MOVED_HERE}
    desk.session.execute(delete(Letter))
    links.link(desk.session, desk.house, CUSTOMER, factories.account(desk.session).id, Proof.PAPER)
    desk.decide(item(desk), "dismiss")
    assert rows(desk.session, Letter) == []


def test_what_has_moved_is_not_undone(desk: Desk, claimed: tuple[Account, Account]) -> None:
    decision = desk.decide(item(desk), "allow")
    with refused("not_undoable"):
        undo.undo(desk.session, desk.house, desk.moderator, decision.id, "A mistake.")
    assert owners(desk) == {claimed[1].id, None}


def test_it_stays_moved_though_the_subscription_names_who_began_it(
    desk: Desk, claimed: tuple[Account, Account]
) -> None:
    owner, claimant = claimed
    desk.decide(item(desk), "allow")
    (row,) = rows(desk.session, Subscription, customer_id=CUSTOMER)
    said = {"id": row.id, "customer": CUSTOMER, "status": "active", "livemode": False}
    snapshot = normalise_subscription(said | {"metadata": {"account_id": str(owner.id)}})
    assert subscriptions.write(desk.session, snapshot, Dues(), {}, captured_for=claimant.id) == claimant.id
    assert owners(desk) == {claimant.id}
