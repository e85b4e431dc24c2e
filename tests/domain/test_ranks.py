"""Nobody decides on staff of the same or a higher rank: whatever does something to an account asks first."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app import clock
from app.accounts import ranks
from app.accounts.identity import Identity
from app.billing import grants, links
from app.billing.links import Proof
from app.errors import Forbidden
from app.models import Account, Customer, Item, Site
from app.models.role import ADMINISTRATOR, EDITOR, MODERATOR
from app.models.sanction import BAN, SUSPENSION
from app.moderation import appeals, casefile, decisions, initiative, previews, undo
from app.moderation.actions import ACTIONS
from app.terminations import approval
from app.terminations.approval import ProposedEnd
from tests.support import factories, moderating
from tests.support.moderating import Desk, refused, rows

HERE, ALL, ELSEWHERE = "here", "all", "elsewhere"
READER = (None, ALL)
# of each pair: who decides, on whom, and whether they may
PAIRS = [
    ((MODERATOR, HERE), READER, True),
    ((MODERATOR, HERE), (MODERATOR, HERE), False),
    ((MODERATOR, HERE), (MODERATOR, ELSEWHERE), False),
    ((MODERATOR, HERE), (ADMINISTRATOR, ELSEWHERE), False),
    ((MODERATOR, ALL), (MODERATOR, HERE), True),
    ((MODERATOR, ALL), (MODERATOR, ALL), False),
    ((MODERATOR, ALL), (EDITOR, HERE), False),
    ((EDITOR, HERE), (MODERATOR, HERE), True),
    ((EDITOR, HERE), (MODERATOR, ALL), True),
    ((EDITOR, HERE), (MODERATOR, ELSEWHERE), True),
    ((EDITOR, HERE), (EDITOR, ALL), False),
    ((ADMINISTRATOR, HERE), (ADMINISTRATOR, HERE), False),
    ((ADMINISTRATOR, HERE), (ADMINISTRATOR, ALL), False),
    ((ADMINISTRATOR, ALL), (ADMINISTRATOR, HERE), True),
    ((ADMINISTRATOR, ALL), (ADMINISTRATOR, ALL), False),
]


def with_role(desk: Desk, rank: tuple[str | None, str]) -> Account:
    role, where = rank
    account = factories.account(desk.session)
    if role is not None:
        at = {ALL: None, HERE: here(desk), ELSEWHERE: factories.site(desk.session)}[where]
        factories.give_role(desk.session, account, role, at=at)
    return account


def here(desk: Desk) -> Site:
    return desk.session.get_one(Site, desk.story.site_id)


@pytest.mark.parametrize(("actor", "account", "may"), PAIRS)
def test_rank_is_compared_as_it_is_said_here(
    desk: Desk, actor: tuple[str, str], account: tuple[str | None, str], may: bool
) -> None:
    by, on = with_role(desk, actor), with_role(desk, account)
    assert ranks.is_above(desk.session, by.id, on.id, desk.story.site_id) is may
    desk.author = on
    item = moderating.ask(desk.session, desk.house, desk.comment())
    who = moderating.identity_of(desk.session, by)
    seen = casefile.read(desk.session, who, item.id)
    assert previews.barred(seen) == (None if may else ranks.OUTRANKED)
    if may:
        desk.decide(item, "remove", "topic", by=who)
    else:
        with refused("outranked", Forbidden):
            desk.decide(item, "remove", "topic", by=who)
        assert rows(desk.session, Item, id=item.id)[0].state == "open"


@pytest.fixture
def equals(desk: Desk) -> tuple[Identity, Account]:
    """Two moderators of all sites: the one who decides, and the author."""
    desk.author = factories.staff(desk.session, MODERATOR)
    return desk.moderator, desk.author


@pytest.mark.parametrize("action", sorted(ACTIONS.keys() - {"confirm", "allow", "refuse", "lift"}))
def test_no_answer_may_be_given_about_an_equal(desk: Desk, equals: tuple[Identity, Account], action: str) -> None:
    by, author = equals
    if action == "reset_name":
        item = moderating.ask_about_name(desk.session, desk.house, author, desk.story.site_id)
    else:
        item = moderating.ask(desk.session, desk.house, desk.comment())
    with refused("outranked"):
        desk.decide(item, action, by=by, days=3)


def give(desk: Desk, by: Identity, on: Account) -> None:
    until = clock.now() + timedelta(days=3)
    grants.give(desk.session, by.account_id, on.id, desk.story.site_id, "A guest.", until)


def revoke(desk: Desk, by: Identity, on: Account) -> None:
    until = clock.now() + timedelta(days=3)
    administrator = factories.staff(desk.session, ADMINISTRATOR)
    grant = grants.give(desk.session, administrator.id, on.id, desk.story.site_id, "A guest.", until)
    grants.revoke(desk.session, by.account_id, grant.id)


def lift(desk: Desk, by: Identity, on: Account) -> None:
    factories.sanction(desk.session, on, BAN, at=here(desk))
    decisions.lift(desk.session, desk.house, by, on.id, "Because.")


def take_back(desk: Desk, by: Identity, on: Account) -> None:
    editor = moderating.identity_of(desk.session, factories.staff(desk.session, EDITOR))
    decision = desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "remove", "topic", by=editor)
    undo.undo(desk.session, desk.house, by, decision.id, "Because.")


def answer_an_appeal(desk: Desk, by: Identity, on: Account) -> None:
    editor = moderating.identity_of(desk.session, factories.staff(desk.session, EDITOR))
    decision = desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "remove", "topic", by=editor)
    assert decision.statement_id is not None
    appeal = appeals.file(desk.session, desk.house, on.id, decision.statement_id, "It was right.")
    (item,) = rows(desk.session, Item, subject_id=appeal.id)
    desk.decide(item, "uphold", None, by=by)


def reset_a_name(desk: Desk, by: Identity, on: Account) -> None:
    initiative.reset_name(desk.session, desk.house, by, on.id, "honesty", "Because.")


def propose_an_end(desk: Desk, by: Identity, on: Account) -> None:
    editor = moderating.identity_of(desk.session, factories.staff(desk.session, EDITOR))
    desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "ban", "topic", by=editor)
    subscription = factories.subscribe(desk.session, on)
    assert not approval.may_propose(desk.session, by, on.id)
    approval.propose(desk.session, desk.house, by, ProposedEnd(on.id, subscription.id, "at_period_end", "Because."))


def lift_what_was_imposed_elsewhere(desk: Desk, by: Identity, on: Account) -> None:
    """Who is above them here is not above them where they were suspended."""
    elsewhere = factories.site(desk.session)
    editor = factories.staff(desk.session, EDITOR, at=here(desk))
    factories.give_role(desk.session, editor, MODERATOR, at=elsewhere)
    factories.sanction(desk.session, on, SUSPENSION, at=elsewhere)
    item = moderating.ask_about_name(desk.session, desk.house, on, desk.story.site_id)
    editors = moderating.identity_of(desk.session, editor)
    assert "lift" not in previews.actions(casefile.read(desk.session, editors, item.id))
    desk.decide(item, "lift", None, by=editors)


@pytest.mark.parametrize("action", ["allow", "dismiss"])
@pytest.mark.parametrize("equal_is", ["who has it", "who claims it"])
def test_nobody_gives_or_takes_from_an_equal_what_two_claim(
    desk: Desk, equals: tuple[Identity, Account], equal_is: str, action: str
) -> None:
    by, equal = equals
    pair = [equal, factories.account(desk.session)]
    owner, claimant = pair if equal_is == "who has it" else reversed(pair)
    desk.session.add(Customer(id="cus_contested", account_id=owner.id, created_at=clock.now()))
    links.link(desk.session, desk.house, "cus_contested", claimant.id, Proof.LETTER)
    (item,) = rows(desk.session, Item, kind="payment")
    assert previews.barred(casefile.read(desk.session, by, item.id)) == ranks.OUTRANKED
    with refused("outranked", Forbidden):
        desk.decide(item, action, None, by=by)
    assert desk.session.get_one(Customer, "cus_contested").account_id == owner.id
    desk.decide(item, action, None, by=moderating.identity_of(desk.session, factories.staff(desk.session, EDITOR)))


def test_nobody_says_of_an_equal_who_is_banned_that_they_are_back(desk: Desk, equals: tuple[Identity, Account]) -> None:
    by, equal = equals
    ban = factories.sanction(desk.session, equal, BAN, at=here(desk))
    other = factories.subscriber(desk.session)
    found = factories.possible_return(desk.session, desk.house, other, ban, "card", at=here(desk))
    (item,) = rows(desk.session, Item, subject_id=found.id)
    for action in ("confirm", "allow"):
        with refused("outranked"):
            desk.decide(item, action, None, by=by)


@pytest.mark.parametrize(
    "act",
    [give, revoke, lift, take_back, answer_an_appeal, reset_a_name, propose_an_end, lift_what_was_imposed_elsewhere],
    ids=lambda act: act.__name__,
)
def test_nothing_else_is_done_to_an_equal_either(
    desk: Desk, equals: tuple[Identity, Account], act: Callable[[Desk, Identity, Account], None]
) -> None:
    by, on = equals
    with refused("outranked"):
        act(desk, by, on)


def test_the_rank_of_who_is_banned_protects_them_still(desk: Desk, equals: tuple[Identity, Account]) -> None:
    by, on = equals
    factories.sanction(desk.session, on, BAN, at=here(desk))
    assert not moderating.identity_of(desk.session, on).is_staff
    with refused("outranked"):
        desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "approve", None, by=by)
