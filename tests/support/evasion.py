"""Somebody does all they can to get round a ban, while moderators work: any acts, in any order."""

import re
from datetime import timedelta
from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from sqlalchemy import select

from app import clock
from app.accounts import erasure, names, sanctions
from app.billing import grants
from app.comments import gate
from app.gateway.fingerprints import Fingerprint
from app.models import Account, Item, Sanction, Subscription
from app.models.item import OPEN
from app.models.role import EDITOR
from app.models.sanction import WARNING
from app.moderation import appeals, decisions, initiative, reports, undo
from app.moderation.decisions import Intent
from app.moderation.reports import Complaint
from app.payers import identities
from app.review_queue import kinds
from app.sign_in import foreign_accounts, sign_up
from app.sign_in.foreign_log_in import SSO, ForeignLogIn
from app.sign_in.sign_up import Registration
from app.terminations import approval
from app.terminations.approval import ProposedEnd
from tests.support import factories
from tests.support.evasion_stage import MAILBOXES, Stage
from tests.support.evasion_truth import Known, Untrue

CARDS = ("one", "two", "three")
ANSWERS = (
    *("remove", "warn", "suspend", "ban", "approve", "dismiss", "reset_name"),
    *("confirm", "allow", "uphold", "overturn"),
)
LONGEST = timedelta(days=80)  # as long as nobody's quarantine ends
NEUTRAL = re.compile(r"Reader \d{8}")
_names = count(1)

mailboxes = st.integers(0, len(MAILBOXES) - 1)
spellings = st.integers(0, 1)
cards = st.sampled_from(CARDS)
staff = st.integers(0, 4)
# counted from the newest, which most acts are about: so that what one leads to meets the next
newest_first = st.sampled_from((0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7))


class Evasion(Stage):
    """Accounts come and go, and staff decide on them."""

    @invariant()
    def nobody_gets_round_anything(self) -> None:
        self.truth.check()

    # what readers do

    @rule(mailbox=mailboxes, spelling=spellings, card=cards)
    def arrive(self, mailbox: int, spelling: int, card: str) -> None:
        """All that it takes to write, one after the other; the newest account is the one that signed up."""
        known = len(self.truth.accounts)
        self.sign_up(mailbox, spelling)
        if len(self.truth.accounts) > known:
            self.verify(0)
            self.pay(0, card)
            self.post(0)

    @rule(mailbox=mailboxes, other=mailboxes, card=cards)
    def move_in(self, mailbox: int, other: int, card: str) -> None:
        """Two arrive who pay with one card, as in a household, or as one person with two mailboxes does."""
        self.arrive(mailbox, 0, card)
        self.arrive(other, 0, card)

    @rule(mailbox=mailboxes, spelling=spellings)
    def sign_up(self, mailbox: int, spelling: int) -> None:
        email = MAILBOXES[mailbox][spelling]
        wanted = Registration(email, f"Name {next(_names)}", "secret", [], factories.RULES_VERSION)
        before = self._ids(Account)
        sign_up.sign_up(self.session, self.settings, self.house, wanted)
        self.truth.accounts += [Known(account_id, frozenset({mailbox})) for account_id in self._ids(Account) - before]

    @rule(subject=st.integers(0, 2), mailbox=mailboxes, spelling=spellings, confirmed=st.booleans(), card=cards)
    def come_by_the_paper(self, subject: int, mailbox: int, spelling: int, confirmed: bool, card: str) -> None:
        """The paper signs somebody in, who pays and writes."""
        email, name = MAILBOXES[mailbox][spelling], f"Name {next(_names)}"
        log_in = ForeignLogIn(SSO, f"sub-{subject}", email, confirmed, name)
        arrived = self._try(foreign_accounts.arrive, self.session, self.it, None, log_in, [])
        if arrived is None:
            return
        account = arrived[0]
        account.rules_version = factories.RULES_VERSION
        found = next((each for each in self.truth.living() if each.id == account.id), None)
        if found is None:
            found = Known(account.id, frozenset(), subject, verified=True)
            self.truth.accounts.append(found)
        self.truth.sign_in_from_elsewhere(found, mailbox, confirmed=confirmed)
        place = self.truth.living()[::-1].index(found)
        self.pay(place, card)
        self.post(place)

    @rule(who=newest_first)
    def verify(self, who: int) -> None:
        found = self._living(who)
        if not found.verified:
            sign_up.confirm(self.session, self.settings, self.house, self.session.get_one(Account, found.id))
            found.verified = True

    @rule(who=newest_first, card=cards)
    def pay(self, who: int, card: str) -> None:
        found = self._living(who)
        identities.capture(self.session, self.settings, self.house, found.id, [Fingerprint("card", card)])
        found.cards.setdefault(card, clock.now())
        if self.session.scalars(select(Subscription).where(Subscription.account_id == found.id)).first() is None:
            factories.subscribe(self.session, self.session.get_one(Account, found.id))

    @rule(who=newest_first)
    def post(self, who: int) -> None:
        self._write(self._living(who))

    @rule(who=newest_first, whom=newest_first)
    def report(self, who: int, whom: int) -> None:
        reporter, author = self._living(who), self._any(whom)
        for comment in self._latest(author):
            self._try(reports.report_comment, self.session, self.house, reporter.id, comment, Complaint("respect"))

    @rule(who=newest_first)
    def rename(self, who: int) -> None:
        self._try(names.change, self.session, self.house, self._living(who).id, f"Name {next(_names)}", [])

    @rule(who=newest_first)
    def acknowledge(self, who: int) -> None:
        account = self.session.get_one(Account, self._living(who).id)
        for warning in self.session.scalars(select(Sanction.id).where(Sanction.kind == WARNING)).all():
            self._try(sanctions.acknowledge, self.session, account, warning)

    @rule(who=newest_first)
    def appeal(self, who: int) -> None:
        found = self._living(who)
        for made in self.made[-3:]:
            if made.statement_id is not None:
                args = (self.session, self.house, found.id, made.statement_id, "It is not right.")
                self._try(appeals.file, *args)

    @rule(who=newest_first)
    def erase(self, who: int) -> None:
        found = self._living(who)
        if len(self.truth.living()) > 1:
            self.truth.leave(found)
            erasure.erase(self.session, found.id)

    @rule(who=newest_first, spelling=spellings, card=cards)
    def come_back(self, who: int, spelling: int, card: str) -> None:
        """Leave, and arrive anew with the same mailbox."""
        found = self._living(who)
        own = sorted(found.mailboxes & set(range(len(MAILBOXES))))
        if own:
            self.erase(who)
            self.arrive(own[0], spelling, card)

    @rule(by=staff, whom=newest_first, spelling=spellings, card=cards)
    def move_out(self, by: int, whom: int, spelling: int, card: str) -> None:
        """Somebody is banned, and whoever came after them, with the same card perhaps, leaves and comes back."""
        self.sanction(by, whom + 1, "ban")
        self.come_back(whom, spelling, card)

    @rule(who=newest_first, mailbox=mailboxes)
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
        by=staff,
        which=newest_first,
        action=st.sampled_from(ANSWERS),
        broken=st.sampled_from(["topic", "respect", "hate", "threat"]),
    )
    def decide(self, by: int, which: int, action: str, broken: str) -> None:
        waiting = self.session.scalars(select(Item).where(Item.state == OPEN).order_by(Item.id.desc())).all()
        if not waiting:
            return
        item = waiting[which % len(waiting)]
        question = kinds.in_use().subject_type(item.subject_type).questions
        if all(action not in each.actions for each in question) or item.account_id is None:
            return
        intent = Intent(item.id, item.revision, action, broken, "Because.", 3)
        self._act(by, item.account_id, decisions.decide, self.session, self.house, ..., intent)

    @rule(by=staff, whom=newest_first, how=st.sampled_from(["ban", "suspend", "warn"]))
    def sanction(self, by: int, whom: int, how: str) -> None:
        """A moderator comes across a comment of theirs."""
        self._sanction(by, self._any(whom), how)

    @rule(whom=st.integers(0, 2), how=st.sampled_from(["ban", "suspend", "warn"]))
    def fall(self, whom: int, how: str) -> None:
        """One of the staff writes what an equal, who may not, and whoever is above take down, and goes on working."""
        fallen = self._staff(whom)
        if fallen is not None:
            self._write(fallen)
            for by in (whom - 1, -1):
                self._sanction(by, fallen, how)
            self._reset_name(whom, self._any(0))
            self.sanction(whom, 0, "warn")

    @rule(by=staff, whom=newest_first)
    def lift(self, by: int, whom: int) -> None:
        found = self._any(whom)
        self._act(by, found.id, decisions.lift, self.session, self.house, ..., found.id, "Because.")

    @rule(by=staff, which=newest_first)
    def undo(self, by: int, which: int) -> None:
        if self.made:
            made = self.made[-1 - which % len(self.made)]
            if made.account_id is not None:
                self._act(by, made.account_id, undo.undo, self.session, self.house, ..., made.id, "Because.")

    @rule(by=staff, again=staff, whom=newest_first)
    def reset_name(self, by: int, again: int, whom: int) -> None:
        """A name is taken away, and another of the staff does not like what it became either."""
        self._reset_name(by, self._any(whom))
        self._reset_name(again, self._any(whom))

    @rule(by=staff, whom=newest_first)
    def end_or_grant(self, by: int, whom: int) -> None:
        found, actor = self._any(whom), self._staff(by)
        if actor is None:
            return
        for bought in self.session.scalars(select(Subscription.id).where(Subscription.account_id == found.id)):
            end = ProposedEnd(found.id, bought, "at_period_end", "Because.")
            self._act(by, found.id, approval.propose, self.session, self.house, ..., end)
        if self._identity(actor).has_role(EDITOR, self.site.id):
            until = clock.now() + timedelta(days=1)
            self._act(by, found.id, grants.give, self.session, actor.id, found.id, self.site.id, "A guest.", until)

    # how it is done

    def _write(self, author: Known) -> None:
        if self._try(gate.pass_gate, self.session, author.id, "post", self.site, self.house) is not None:
            factories.comment(self.session, self.story, self.session.get_one(Account, author.id))
            author.wrote = True

    def _sanction(self, by: int, author: Known, how: str) -> None:
        actor = self._staff(by)
        for comment_id in self._latest(author) if actor else []:
            item_id = self._try(initiative.take_up, self.session, self.house, self._identity(actor), comment_id)  # type: ignore[arg-type]
            if item_id is not None:
                revision = self.session.get_one(Item, item_id, populate_existing=True).revision
                intent = Intent(item_id, revision, how, "topic", "Because.", 3)
                self._act(by, author.id, decisions.decide, self.session, self.house, ..., intent)

    def _reset_name(self, by: int, bearer: Known) -> None:
        name = self.session.get_one(Account, bearer.id).name
        args = (self.session, self.house, ..., bearer.id, "topic", "Because.")
        if self._act(by, bearer.id, initiative.reset_name, *args) and NEUTRAL.fullmatch(name):
            raise Untrue("a name that we gave was taken for a breach")
