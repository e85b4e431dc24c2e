"""Somebody does all they can to get round a ban, while moderators work: any acts in any order, and what must be true.

The truth is kept beside the program, in plain values: who has which mailbox and cards, whom a moderator told apart, who
may decide on whom. Of the database only the rows of sanctions and strikes are believed, since each was decided.
"""

import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, ClassVar

import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from app import clock
from app.accounts import erasure, identity, names, sanctions
from app.accounts.identity import Identity
from app.billing import grants
from app.comments import gate
from app.db import Database
from app.errors import Refusal
from app.gateway.fingerprints import Fingerprint
from app.models import Account, Comment, Decision, Item, PaymentCase, Sanction, Strike, Subscription
from app.models.item import OPEN
from app.models.payment_case import ALLOWED, POSSIBLE_RETURN
from app.models.payment_case import OPEN as WAITS
from app.models.role import ADMINISTRATOR, EDITOR, MODERATOR, ROLES
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.moderation import appeals, decisions, initiative, reports, strikes, undo
from app.moderation.decisions import Intent
from app.moderation.reports import Complaint
from app.payers import identities
from app.review_queue import kinds
from app.sign_in import sign_up
from app.sign_in.sign_up import Registration
from app.stories.sites import SiteSnapshot
from app.terminations import approval
from app.terminations.approval import ProposedEnd
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories

# each mailbox in several spellings
MAILBOXES = (
    ("ann.lee@gmail.com", "annlee+x@googlemail.com"),
    ("sam@hotmail.co.uk", "sam+2@hotmail.co.uk"),
    ("kim@ya.ru", "kim+k@yandex.com"),
    ("joe@paper.example", "joe@paper.example"),
)
WRITES = ("active", "staff", "grant")
CARDS = ("one", "two", "three")
STAFF = (MODERATOR, MODERATOR, EDITOR, ADMINISTRATOR, ADMINISTRATOR)
LONGEST = timedelta(days=80)  # as long as nobody's quarantine ends
NEUTRAL = re.compile(r"Reader \d{8}")
LAST = datetime.max.replace(tzinfo=UTC)
numbers = st.integers(0, 7)
_names = count(1)


@dataclass(eq=False)
class Known:
    """What is true of one account, whatever the program makes of it."""

    id: int
    mailbox: int
    verified: bool = False
    erased_at: datetime | None = None
    # when each card was first seen
    cards: dict[str, datetime] = field(default_factory=dict)
    # (place among the roles, at all sites)
    rank: tuple[int, bool] = (-1, False)
    wrote: bool = False


class Untrue(AssertionError):
    """Something happened that must not."""


class Evasion(RuleBasedStateMachine):
    """One newspaper, its staff, and accounts that come and go. Subclass it with the three class variables."""

    database: ClassVar[Database]
    settings: ClassVar[Settings]
    house: ClassVar[HouseRules]

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.now = self.open.enter_context(time_machine.travel(clock.now(), tick=False))
        self.session = self.open.enter_context(self.database.transaction())
        site = factories.site(self.session)
        self.site = SiteSnapshot(site.id, site.key, site.name, tuple(site.origins), site.policy, tuple(site.products))
        self.story = factories.story(self.session, site)
        self.began = clock.now()
        self.accounts: list[Known] = []
        self.made: list[Decision] = []
        self.apart: set[tuple[int, int]] = set()
        self.judged: set[tuple[int, int]] = set()
        for role, at in (
            (MODERATOR, site),
            (MODERATOR, None),
            (EDITOR, None),
            (ADMINISTRATOR, None),
            (ADMINISTRATOR, None),
        ):
            account = factories.staff(self.session, role, at=at)
            mailbox = len(MAILBOXES) + len(self.accounts)
            self.accounts.append(Known(account.id, mailbox, verified=True, rank=(ROLES.index(role), at is None)))

    def teardown(self) -> None:
        self.session.rollback()
        self.open.close()

    # what readers do

    @rule(mailbox=numbers, spelling=st.integers(0, 1), card=st.sampled_from(CARDS))
    def arrive(self, mailbox: int, spelling: int, card: str) -> None:
        """All that it takes to write, one after the other; the newest account is the one that signed up."""
        known = len(self.accounts)
        self.sign_up(mailbox, spelling)
        if len(self.accounts) > known:
            self.verify(0)
            self.pay(0, card)
            self.post(0)

    @rule(mailbox=numbers, spelling=st.integers(0, 1))
    def sign_up(self, mailbox: int, spelling: int) -> None:
        mailbox %= len(MAILBOXES)
        email = MAILBOXES[mailbox][spelling]
        wanted = Registration(email, f"Name {next(_names)}", "secret", [], factories.RULES_VERSION)
        before = self._ids(Account)
        sign_up.sign_up(self.session, self.settings, self.house, wanted)
        for account_id in self._ids(Account) - before:
            self.accounts.append(Known(account_id, mailbox))

    @rule(who=numbers)
    def verify(self, who: int) -> None:
        found = self._living(who)
        if found and not found.verified:
            sign_up.confirm(self.session, self.settings, self.house, self.session.get_one(Account, found.id))
            found.verified = True

    @rule(who=numbers, card=st.sampled_from(CARDS))
    def pay(self, who: int, card: str) -> None:
        found = self._living(who)
        if found:
            identities.capture(self.session, self.settings, self.house, found.id, [Fingerprint("card", card)])
            found.cards.setdefault(card, clock.now())
            if self.session.scalars(select(Subscription).where(Subscription.account_id == found.id)).first() is None:
                factories.subscribe(self.session, self.session.get_one(Account, found.id))

    @rule(who=numbers)
    def post(self, who: int) -> None:
        found = self._living(who)
        if found and self._passes(found):
            factories.comment(self.session, self.story, self.session.get_one(Account, found.id))
            found.wrote = True

    @rule(who=numbers, whom=numbers)
    def report(self, who: int, whom: int) -> None:
        reporter, author = self._living(who), self._any(whom)
        if reporter and author:
            for comment in self._latest(author):
                self._try(reports.report_comment, self.session, self.house, reporter.id, comment, Complaint("respect"))

    @rule(who=numbers)
    def rename(self, who: int) -> None:
        found = self._living(who)
        if found:
            self._try(names.change, self.session, self.house, found.id, f"Name {next(_names)}", [])

    @rule(who=numbers)
    def acknowledge(self, who: int) -> None:
        found = self._living(who)
        for warning in self._in_force(WARNING) if found else []:
            account = self.session.get_one(Account, found.id)  # type: ignore[union-attr]
            self._try(sanctions.acknowledge, self.session, account, warning.id)

    @rule(who=numbers)
    def appeal(self, who: int) -> None:
        found = self._living(who)
        if found:
            for made in self.made[-3:]:
                if made.statement_id is not None:
                    args = (self.session, self.house, found.id, made.statement_id, "It is not right.")
                    self._try(appeals.file, *args)

    @rule(who=numbers)
    def erase(self, who: int) -> None:
        found = self._living(who)
        if found:
            erasure.erase(self.session, found.id)
            found.erased_at, found.rank = clock.now(), (-1, False)

    @rule(who=numbers, spelling=st.integers(0, 1), card=st.sampled_from(CARDS))
    def come_back(self, who: int, spelling: int, card: str) -> None:
        """Leave, and arrive anew with the same mailbox."""
        found = self._living(who)
        if found and found.mailbox < len(MAILBOXES):
            self.erase(who)
            self.arrive(found.mailbox, spelling, card)

    @rule(who=numbers, mailbox=numbers)
    def change_mailbox(self, who: int, mailbox: int) -> None:
        """An account keeps its mailbox for good: whoever wants another leaves, and signs up with it."""
        self.erase(who)
        self.sign_up(mailbox, 0)

    @rule(days=st.integers(1, 8))
    def wait(self, days: int) -> None:
        if clock.now() + timedelta(days=days) < self.began + LONGEST:
            self.now.shift(timedelta(days=days))

    # what staff do

    @rule(
        by=numbers,
        which=numbers,
        action=st.sampled_from(
            [
                "remove",
                "warn",
                "suspend",
                "ban",
                "approve",
                "dismiss",
                "reset_name",
                "confirm",
                "allow",
                "uphold",
                "overturn",
            ]
        ),
        broken=st.sampled_from(["topic", "respect", "hate", "threat"]),
    )
    def decide(self, by: int, which: int, action: str, broken: str) -> None:
        waiting = self.session.scalars(select(Item).where(Item.state == OPEN).order_by(Item.id)).all()
        if not waiting:
            return
        item = waiting[which % len(waiting)]
        question = kinds.in_use().subject_type(item.subject_type).questions
        if all(action not in each.actions for each in question) or item.account_id is None:
            return
        intent = Intent(item.id, item.revision, action, broken, "Because.", 3)
        self._act(by, item.account_id, decisions.decide, self.session, self.house, ..., intent)

    @rule(by=numbers, whom=numbers, how=st.sampled_from(["ban", "suspend", "warn"]))
    def sanction(self, by: int, whom: int, how: str) -> None:
        """A moderator comes across a comment of theirs."""
        author = self._any(whom)
        actor = self._staff(by)
        for comment_id in self._latest(author)[:1] if author and actor else []:
            item_id = self._try(initiative.take_up, self.session, self.house, self._identity(actor), comment_id)  # type: ignore[arg-type]
            if item_id is not None:
                revision = self.session.get_one(Item, item_id, populate_existing=True).revision
                intent = Intent(item_id, revision, how, "topic", "Because.", 3)
                self._act(by, author.id, decisions.decide, self.session, self.house, ..., intent)  # type: ignore[union-attr]

    @rule(by=numbers, whom=numbers)
    def lift(self, by: int, whom: int) -> None:
        found = self._any(whom)
        if found:
            self._act(by, found.id, decisions.lift, self.session, self.house, ..., found.id, "Because.")

    @rule(by=numbers, which=numbers)
    def undo(self, by: int, which: int) -> None:
        if self.made:
            made = self.made[-1 - which % len(self.made)]
            if made.account_id is not None:
                self._act(by, made.account_id, undo.undo, self.session, self.house, ..., made.id, "Because.")

    @rule(by=numbers, whom=numbers)
    def reset_name(self, by: int, whom: int) -> None:
        found = self._any(whom)
        if found:
            name = self.session.get_one(Account, found.id).name
            args = (self.session, self.house, ..., found.id, "topic", "Because.")
            if self._act(by, found.id, initiative.reset_name, *args) and NEUTRAL.fullmatch(name):
                raise Untrue("a name that we gave was taken for a breach")

    @rule(by=numbers, whom=numbers)
    def end_or_grant(self, by: int, whom: int) -> None:
        found, actor = self._any(whom), self._staff(by)
        if found is None or actor is None:
            return
        for bought in self.session.scalars(select(Subscription.id).where(Subscription.account_id == found.id)):
            end = ProposedEnd(found.id, bought, "at_period_end", "Because.")
            self._act(by, found.id, approval.propose, self.session, self.house, ..., end)
        if self._identity(actor).has_role(EDITOR, self.site.id):
            until = clock.now() + timedelta(days=1)
            self._act(by, found.id, grants.give, self.session, actor.id, found.id, self.site.id, "A guest.", until)

    # what must be true

    @invariant()
    def nobody_gets_round_anything(self) -> None:
        imposed = self._in_force(BAN, SUSPENSION, WARNING)
        given = self._strikes()
        for found in self._all_living():
            self._check_strikes(found, given)
            if found.verified and (found.rank[0] < 0 or imposed):
                self._check_restrictions(found, imposed)

    def _check_restrictions(self, found: Known, imposed: list[Sanction]) -> None:
        banned = [self._of(sanction.account_id) for sanction in imposed if sanction.kind == BAN]
        same = [each for each in banned if self._one_mailbox(found, each)]
        card = [each for each in banned if self._pays_like(found, each) and not self._judged(found, each)]
        selves = self._selves(found)
        suspended = any(s.kind == SUSPENSION and self._one_mailbox(found, self._of(s.account_id)) for s in imposed)
        warned = any(s.kind == WARNING and self._of(s.account_id) in selves for s in imposed)
        code = self._code(found)
        if same and code != "banned":
            raise Untrue(f"{found} has the mailbox of the banned {same[0]} and is told {code}")
        if code == "banned" and not same:
            raise Untrue(f"{found} is banned for nothing that they have")
        # whoever the paper made staff is known to it, and needs no subscription
        if code in WRITES and ((card and code != "staff") or suspended or warned):
            raise Untrue(f"{found} writes: card {card}, suspended {suspended}, warned {warned}")

    def _check_strikes(self, found: Known, given: list[Strike]) -> None:
        if not given:
            return
        selves = {each.id for each in self._selves(found)}
        due = {strike.id for strike in given if strike.account_id in selves}
        counted = {strike.id for strike in strikes.of(self.session, found.id)} & {strike.id for strike in given}
        if counted != due:
            raise Untrue(f"{found} has {len(counted)} strikes of {len(due)}")

    # how it is found out

    def _act(self, by: int, whom: int, act: Any, *args: Any) -> bool:
        """Have a member of staff (in place of ...) do something to an account; whether it was done."""
        actor, target = self._staff(by), self._of(whom)
        if actor is None:
            return False
        caller = self._identity(actor)
        made = self._try(act, *(caller if arg is ... else arg for arg in args))
        if made is None:
            return False
        if isinstance(made, Decision):
            self._remember(made)
        if target.rank >= actor.rank and target.rank != (-1, False):
            raise Untrue(f"{actor} decided on {target}")
        asleep = [s for s in self._in_force(BAN, SUSPENSION, WARNING, before=made) if self._of(s.account_id) is actor]
        if asleep:
            raise Untrue(f"{actor} decided while not in good standing")
        return True

    def _remember(self, made: Decision) -> None:
        self.made.append(made)
        for case in self.session.scalars(select(PaymentCase).where(PaymentCase.kind == POSSIBLE_RETURN)):
            self.session.refresh(case)
            pair = case.account_id, int(case.reference)
            # whoever was confirmed to have come back is banned, until a moderator lifts just that
            for pairs, settled in ((self.apart, case.outcome == ALLOWED), (self.judged, case.outcome != WAITS)):
                (pairs.add if settled else pairs.discard)(pair)

    def _try(self, act: Any, *args: Any) -> Any:
        """What `act` answers; None if it is refused, with nothing done."""
        try:
            with self.session.begin_nested():
                return act(*args)
        except Refusal:
            self.session.expire_all()
            return None

    def _code(self, found: Known) -> str:
        account = self.session.get_one(Account, found.id)
        return gate.may_write(self.session, account, self.site, self.house, staff=found.rank[0] >= 0).code

    def _passes(self, found: Known) -> bool:
        return self._try(gate.pass_gate, self.session, found.id, "post", self.site, self.house) is not None

    def _in_force(self, *which: str, before: Any = None) -> list[Sanction]:
        """The sanctions of these kinds that are in force; those that a decision imposed itself left out."""
        now = clock.now()
        found = self.session.scalars(select(Sanction).where(Sanction.kind.in_(which), Sanction.lifted_at.is_(None)))
        return [
            sanction
            for sanction in found
            if (sanction.acknowledged_at is None if sanction.kind == WARNING else (sanction.ends_at or LAST) > now)
            and not (isinstance(before, Decision) and sanction.decision_id == before.id)
        ]

    def _strikes(self) -> list[Strike]:
        left = select(Strike).where(Strike.revoked_by.is_(None), Strike.expires_at > clock.now())
        return list(self.session.scalars(left))

    def _selves(self, found: Known) -> list[Known]:
        """All that `found` was, as the docs say it."""
        known = [found]
        for each in known:
            known += [
                other
                for other in self.accounts
                if other not in known and (self._one_mailbox(each, other) or self._came_back(each, other))
            ]
        return known

    def _came_back(self, each: Known, other: Known) -> bool:
        if other.erased_at is None or (each.id, other.id) in self.apart:
            return False
        return any(seen >= other.erased_at for card, seen in each.cards.items() if card in other.cards)

    def _one_mailbox(self, one: Known, other: Known) -> bool:
        return one is other or (one.mailbox == other.mailbox and one.verified and other.verified)

    def _one_card(self, one: Known, other: Known) -> bool:
        return not one.cards.keys().isdisjoint(other.cards)

    def _pays_like(self, one: Known, other: Known) -> bool:
        """Whether `one`, or an account of the same mailbox that is not forgotten, has a card of `other`."""
        known = [each for each in self.accounts if self._one_mailbox(one, each) and (each.wrote or not each.erased_at)]
        return any(self._one_card(each, other) for each in known)

    def _judged(self, one: Known, other: Known) -> bool:
        return any(
            self._one_mailbox(self._of(account), one) and self._one_mailbox(self._of(banned), other)
            for account, banned in self.judged
        )

    def _identity(self, actor: Known) -> Identity:
        return identity.load(self.session, actor.id, self.session.get_one(Account, actor.id).session_epoch)

    def _staff(self, which: int) -> Known | None:
        staff = [each for each in self.accounts if each.rank[0] >= 0]
        return staff[which % len(staff)] if staff else None

    def _any(self, which: int) -> Known | None:
        return self.accounts[-1 - which % len(self.accounts)] if self.accounts else None

    def _living(self, which: int) -> Known | None:
        found = self._all_living()
        return found[-1 - which % len(found)] if found else None

    def _all_living(self) -> list[Known]:
        return [each for each in self.accounts if each.erased_at is None]

    def _of(self, account_id: int) -> Known:
        return next(each for each in self.accounts if each.id == account_id)

    def _latest(self, author: Known) -> list[int]:
        """The id of the comment that they wrote last, if they wrote any."""
        latest = select(Comment.id).where(Comment.account_id == author.id).order_by(Comment.id.desc()).limit(1)
        return list(self.session.scalars(latest))

    def _ids(self, table: Any) -> set[int]:
        return set(self.session.scalars(select(table.id)))
