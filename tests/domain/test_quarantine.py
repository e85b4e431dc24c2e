"""What outlives an erased account, whichever came first: the report, the decision, the erasure or the return."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from app import clock, retention
from app.accounts import erasure, sanctions, standing
from app.accounts.download_sections import SECTIONS
from app.billing import facts
from app.billing.entitlement import Reason
from app.db import Database
from app.gateway.fingerprints import Fingerprint
from app.models import Account, Decision, Item, Job, LedgerEntry, Letter, Sanction, Site, Trait
from app.models.letter import BANNED_SIGN_UP, STATEMENT
from app.models.sanction import BAN, WARNING
from app.moderation import appeals, decisions, ladder, reports, statements, strikes, undo
from app.moderation.reports import Complaint
from app.payers import identities, mailboxes
from app.sign_in import sign_up
from app.sign_in.sign_up import Registration
from app.toxicity.scorer import Unavailable
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.moderating import Desk, rows

MAILBOX, ALIAS, OTHER = "mallory.m@gmail.com", "mallorym+again@googlemail.com", "somebody@example.org"
CARD, OTHER_CARD = Fingerprint("card", "one"), Fingerprint("card", "another")
LONG: dict[str, dict[str, Any]] = {"ban": {}, "suspend": {"days": 300}}


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as travelled:
        yield travelled


@pytest.fixture
def mallory(desk: Desk) -> Account:
    """The author of the desk, with a mailbox that matters and a card."""
    desk.author = factories.account(desk.session, "Mallory", email=MAILBOX, settings=desk.settings)
    pays(desk, desk.author)
    return desk.author


def pays(desk: Desk, account: Account, card: Fingerprint = CARD) -> None:
    identities.capture(desk.session, desk.settings, desk.house, account.id, [card])


def comes_back(desk: Desk, email: str = ALIAS, card: Fingerprint = OTHER_CARD, name: str = "New") -> Account | None:
    """The account that signing up, confirming the mailbox and paying gives; None where the mailbox is barred."""
    wanted = Registration(email, name, "secret", Unavailable("not asked"), None)
    sign_up.sign_up(desk.session, desk.settings, desk.house, wanted)
    account = desk.session.scalars(select(Account).where(Account.email == email)).first()
    if account is not None:
        mailboxes.prove(desk.session, desk.settings, desk.house, account)
        pays(desk, account, card)
        factories.subscribe(desk.session, account)
    return account


def why(desk: Desk, account: Account) -> Reason:
    site = desk.session.get_one(Site, desk.story.site_id)
    return facts.entitlement(desk.session, account.id, site, clock.now(), desk.house.at({})).reason


def restricted(desk: Desk, account: Account | None) -> bool:
    """Whether somebody who came back, or could not, is kept from writing."""
    if account is None:
        return True
    good = standing.read(desk.session, account.id).good
    return not good or why(desk, account) in (Reason.BANNED, Reason.IDENTITY_REVIEW)


def points(desk: Desk, account: Account) -> int:
    return ladder.points_in_force(strikes.of(desk.session, account.id), clock.now())


def decide(desk: Desk, action: str, rule: str = "topic", **more: Any) -> Decision:
    return desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), action, rule, **more)


def strike(desk: Desk, *rules: str) -> None:
    for rule in rules:
        decide(desk, "remove", rule)


ACTS = ("decide", "erase", "return")
ORDERS = [order for order in permutations(ACTS) if order.index("erase") < order.index("return")]
WAYS_BACK = pytest.mark.parametrize(
    ("email", "card"), [(ALIAS, OTHER_CARD), (OTHER, CARD)], ids=["same mailbox", "same card"]
)


@pytest.mark.parametrize("action", LONG)
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_what_is_decided_reaches_the_mailbox_whichever_came_first(
    desk: Desk, mallory: Account, order: tuple[str, ...], action: str
) -> None:
    comment, back = desk.comment(), None
    acts: dict[str, Callable[[], object]] = {
        "decide": lambda: desk.decide(
            moderating.ask(desk.session, desk.house, comment), action, "topic", **LONG[action]
        ),
        "erase": lambda: erasure.erase(desk.session, mallory.id),
        "return": lambda: comes_back(desk),
    }
    for act in order:
        done = acts[act]()
        back = done if act == "return" else back
    assert (back is None) is (order.index("decide") < order.index("return"))
    assert back is None or restricted(desk, back)  # type: ignore[arg-type]
    # and for good: a third try fails as the second did
    if isinstance(back, Account):
        erasure.erase(desk.session, back.id)
    assert comes_back(desk, name="Third") is None


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_a_ban_reaches_the_card_whichever_came_first(desk: Desk, mallory: Account, order: tuple[str, ...]) -> None:
    comment = desk.comment()
    acts: dict[str, Callable[[], object]] = {
        "decide": lambda: desk.decide(moderating.ask(desk.session, desk.house, comment), "ban", "topic"),
        "erase": lambda: erasure.erase(desk.session, mallory.id),
        "return": lambda: comes_back(desk, OTHER, CARD),
    }
    done = {act: acts[act]() for act in order}
    back = done["return"]
    assert isinstance(back, Account)
    assert why(desk, back) is Reason.IDENTITY_REVIEW


@WAYS_BACK
def test_strikes_in_force_count_on(
    desk: Desk, mallory: Account, now: time_machine.Traveller, email: str, card: Fingerprint
) -> None:
    for rule in ("threat", "hate", "topic"):
        strike(desk, rule)
        # what is written from now on was written after they were told, so that it is another episode
        now.shift(timedelta(seconds=1))
    assert points(desk, mallory) == 11
    erasure.erase(desk.session, mallory.id)
    now.shift(timedelta(days=60))  # what the ladder imposed is over
    back = comes_back(desk, email, card)
    assert back is not None
    assert not restricted(desk, back)
    assert points(desk, back) == 11
    desk.author = back
    strike(desk, "topic")
    assert desk.standing() == BAN
    assert points(desk, mallory) == (12 if email == ALIAS else 11)


def test_a_strike_after_the_erasure_counts_for_who_is_back_already(desk: Desk, mallory: Account) -> None:
    comment = desk.comment()
    erasure.erase(desk.session, mallory.id)
    back = comes_back(desk, OTHER, CARD)
    assert back is not None
    decision = desk.decide(moderating.ask(desk.session, desk.house, comment), "remove", "topic")
    assert points(desk, back) == 1
    undo.undo(desk.session, desk.house, desk.moderator, decision.id, "A mistake.")
    assert points(desk, back) == 0


def test_strikes_are_handed_on_from_erasure_to_erasure(desk: Desk, mallory: Account) -> None:
    strike(desk, "topic")
    erasure.erase(desk.session, mallory.id)
    second = comes_back(desk, OTHER, CARD, "Second")
    assert second is not None
    pays(desk, second, OTHER_CARD)
    erasure.erase(desk.session, second.id)
    third = comes_back(desk, "third@example.org", OTHER_CARD, "Third")
    assert third is not None
    assert points(desk, third) == 1


@WAYS_BACK
def test_an_unread_warning_waits_for_who_comes_back(
    desk: Desk, mallory: Account, email: str, card: Fingerprint
) -> None:
    decide(desk, "warn", "topic")
    erasure.erase(desk.session, mallory.id)
    back = comes_back(desk, email, card)
    assert back is not None
    assert standing.read(desk.session, back.id).kind == WARNING
    (warning,) = rows(desk.session, Sanction, kind=WARNING)
    sanctions.acknowledge(desk.session, back, warning.id)
    assert standing.read(desk.session, back.id).good


def test_the_question_whether_somebody_is_banned_outlives_their_account(desk: Desk, mallory: Account) -> None:
    decide(desk, "ban", "threat")
    second = comes_back(desk, OTHER, CARD, "Second")
    assert second is not None
    assert why(desk, second) is Reason.IDENTITY_REVIEW
    erasure.erase(desk.session, second.id)
    third = comes_back(desk, OTHER, OTHER_CARD, "Third")
    assert third is not None
    assert why(desk, third) is Reason.IDENTITY_REVIEW
    # asked once, and answered once
    (item,) = rows(desk.session, Item, kind="payment", state="open")
    desk.decide(item, "allow", None)
    assert why(desk, third) is Reason.ACTIVE
    pays(desk, third, CARD)
    assert why(desk, third) is Reason.ACTIVE


def test_a_question_about_a_person_holds_under_whichever_account_they_are_banned(desk: Desk, mallory: Account) -> None:
    desk.author = mallory
    decide(desk, "ban", "threat")
    reader = comes_back(desk, OTHER, CARD)
    assert reader is not None
    erasure.erase(desk.session, mallory.id)
    decisions.lift(desk.session, desk.house, desk.moderator, mallory.id, "Time served.")
    assert why(desk, reader) is Reason.ACTIVE
    again = comes_back(desk, ALIAS, CARD, "Mallory again")
    assert again is not None
    desk.author = again
    decide(desk, "ban", "topic")
    assert why(desk, reader) is Reason.IDENTITY_REVIEW


def test_who_was_told_apart_by_a_moderator_has_none_of_the_others_strikes(desk: Desk, mallory: Account) -> None:
    decide(desk, "ban", "threat")
    erasure.erase(desk.session, mallory.id)
    other = comes_back(desk, OTHER, CARD)
    assert other is not None
    assert points(desk, other) == 6
    (item,) = rows(desk.session, Item, kind="payment")
    desk.decide(item, "allow", None)
    assert points(desk, other) == 0


def test_a_household_that_paid_with_the_card_before_has_no_part_in_it(
    desk: Desk, mallory: Account, now: time_machine.Traveller
) -> None:
    strike(desk, "topic")
    partner = comes_back(desk, OTHER, CARD)
    assert partner is not None
    now.shift(timedelta(seconds=1))
    erasure.erase(desk.session, mallory.id)
    assert points(desk, partner) == 0
    pays(desk, partner, CARD)
    assert points(desk, partner) == 0


def test_what_an_account_did_that_never_proved_its_mailbox_is_not_held_against_its_owner(desk: Desk) -> None:
    desk.author = factories.account(desk.session, "Imposter", email=MAILBOX, settings=desk.settings, verified=False)
    desk.decide(moderating.ask_about_name(desk.session, desk.house, desk.author, desk.story.site_id), "reset_name")
    erasure.erase(desk.session, desk.author.id)
    owner = comes_back(desk, MAILBOX)
    assert owner is not None
    assert points(desk, owner) == 0
    assert standing.read(desk.session, owner.id).good


def downloaded(desk: Desk, account: Account) -> list[int]:
    """How much of what was decided is in the download of an account."""
    sections = [SECTIONS[name] for name in ("decisions", "statements", "sanctions", "strikes")]
    kept = (select(func.count()).select_from(each.table).where(each.of(account.id)) for each in sections)
    return [desk.session.scalar(count) or 0 for count in kept]


def test_who_is_back_is_told_the_reasons_and_may_appeal(desk: Desk, mallory: Account) -> None:
    comment = desk.comment()
    erasure.erase(desk.session, mallory.id)
    back = comes_back(desk)
    stranger = comes_back(desk, OTHER, CARD, "Stranger")
    assert back is not None
    assert stranger is not None
    decision = desk.decide(moderating.ask(desk.session, desk.house, comment), "ban", "threat")
    assert [letter.account_id for letter in rows(desk.session, Letter, kind=STATEMENT)] == [back.id]
    assert [issued.statement.id for issued in statements.own(desk.session, back.id)] == [decision.statement_id]
    assert statements.own(desk.session, stranger.id) == []
    assert (downloaded(desk, back), downloaded(desk, stranger)) == ([1, 1, 1, 1], [0, 0, 0, 0])
    assert decision.statement_id is not None
    with moderating.refused("not_found"):
        appeals.file(desk.session, desk.house, stranger.id, decision.statement_id, "It was not me.")
    appeal = appeals.file(desk.session, desk.house, back.id, decision.statement_id, "It was not me.")
    (item,) = rows(desk.session, Item, subject_id=appeal.id)
    desk.decide(item, "overturn", None, by=moderating.moderator(desk.session))
    assert standing.read(desk.session, back.id).good


def test_lifting_under_the_new_account_frees_the_person(desk: Desk, mallory: Account) -> None:
    comment = desk.comment()
    erasure.erase(desk.session, mallory.id)
    back = comes_back(desk)
    assert back is not None
    desk.decide(moderating.ask(desk.session, desk.house, comment), "ban", "threat")
    lifted = decisions.lift(desk.session, desk.house, desk.moderator, back.id, "They apologised.")
    assert standing.read(desk.session, back.id).good
    assert why(desk, back) is Reason.ACTIVE
    undo.undo(desk.session, desk.house, desk.moderator, lifted.id, "A mistake.")
    assert standing.read(desk.session, back.id).kind == BAN
    assert why(desk, back) is Reason.BANNED


def test_who_erases_the_account_does_not_report_the_same_once_more(desk: Desk, mallory: Account) -> None:
    comment = desk.comment()
    for name in ("First", "Second"):
        reporter = comes_back(desk, OTHER, name=name)
        assert reporter is not None
        reports.report_comment(desk.session, desk.house, reporter.id, comment.id, Complaint("threat"))
        reports.report_name(desk.session, desk.house, reporter.id, mallory.id, Complaint("threat"))
        assert reports.reporting_of(desk.session, reporter.id).last_hour == 2
        erasure.erase(desk.session, reporter.id)
    assert sum(item.report_count for item in rows(desk.session, Item)) == 2


def test_the_letter_of_a_barred_sign_up_says_so(desk: Desk, mallory: Account) -> None:
    decide(desk, "suspend", "topic", days=7)
    erasure.erase(desk.session, mallory.id)
    assert comes_back(desk) is None
    (told,) = rows(desk.session, Job, kind=sign_up.TELL)
    assert told.payload["kind"] == BANNED_SIGN_UP


def known(database: Database, account: Account) -> bool:
    with database.reading() as session:
        return session.scalars(select(Trait.token).where(Trait.account_id == account.id)).first() is not None


@pytest.fixture
def leaving(database: Database, settings: Settings, house: HouseRules) -> Callable[..., Account]:
    """A reader who does something and erases their account; what they are known by is on disk."""

    def leave(does: Callable[[Desk], object]) -> Account:
        with database.transaction() as session:
            desk = moderating.open_desk(session, settings, house)
            pays(desk, desk.author)
            does(desk)
            erasure.erase(session, desk.author.id)
            return desk.author

    return leave


def reports_somebody(desk: Desk, *, answered: bool) -> None:
    other = factories.comment(desk.session, desk.story, factories.account(desk.session))
    item = moderating.report(desk.session, desk.house, other, desk.author)
    if answered:
        desk.decide(item, "approve", None)


def test_who_never_wrote_is_forgotten_at_once(database: Database, leaving: Callable[..., Account]) -> None:
    assert not known(database, leaving(lambda _desk: None))
    assert not known(database, leaving(lambda desk: desk.comment(state="deleted")))


@pytest.mark.parametrize(
    ("does", "days"),
    [
        (lambda desk: desk.comment(), 90),
        (lambda desk: reports_somebody(desk, answered=True), 90),
        (lambda desk: reports_somebody(desk, answered=False), None),
        (lambda desk: decide(desk, "remove"), 180),
        (lambda desk: decide(desk, "suspend", days=400), 400),
        (lambda desk: moderating.ask(desk.session, desk.house, desk.comment()), None),
        (lambda desk: decide(desk, "ban"), None),
    ],
    ids=["wrote", "reported", "is to be answered", "has a strike", "is suspended", "is asked about", "is banned"],
)
def test_the_quarantine_ends_when_nothing_can_follow_any_more(
    database: Database,
    house: HouseRules,
    now: time_machine.Traveller,
    leaving: Callable[..., Account],
    does: Callable[[Desk], object],
    days: int | None,
) -> None:
    account = leaving(does)
    if days is None:
        now.shift(timedelta(days=4000))
        retention.forget(database, house, {})
        assert known(database, account)
        return
    now.shift(timedelta(days=days) - timedelta(seconds=1))
    retention.forget(database, house, {})
    assert known(database, account)
    now.shift(timedelta(seconds=2))
    retention.forget(database, house, {})
    assert not known(database, account)


def test_the_ledger_says_only_that_somebody_left(desk: Desk, mallory: Account) -> None:
    erasure.erase(desk.session, mallory.id)
    (entry,) = rows(desk.session, LedgerEntry, action="account.erase")
    assert entry.details == {}
