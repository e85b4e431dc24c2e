"""An erasure meets a decision, a report, or its owner's return: whichever is first, the end is the same."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, permutations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import erasure, standing
from app.accounts.identity import Identity
from app.billing import facts
from app.billing.entitlement import Reason
from app.db import Database, retrying
from app.errors import Refusal
from app.gateway.fingerprints import Fingerprint
from app.models import Account, Comment, Item, Report, Site, Trait
from app.models.sanction import BAN
from app.moderation import decisions, reports
from app.moderation.decisions import Intent
from app.moderation.reports import Complaint
from app.payers import identities, mailboxes
from app.sign_in import sign_up
from app.sign_in.sign_up import Registration
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.waiting import PATIENCE, waits

MAILBOX, ALIAS = "mallory@gmail.com", "mal.lory+x@gmail.com"
_names = count(1)
CARD = [Fingerprint("card", "the same")]


@dataclass
class Meeting:
    """Mallory, whose comment is asked about, who decides, who reports, and who is about to pay with the same card."""

    settings: Settings
    house: HouseRules
    database: Database
    site: Site
    mallory: Account
    partner: Account
    reporter: Account
    comment: Comment
    item: Item
    moderator: Identity

    def erase(self, session: Session) -> None:
        erasure.erase(session, self.mallory.id)

    def ban(self, session: Session) -> None:
        chosen = self.item.id, self.item.revision, "ban", "threat", "A threat."
        decisions.decide(session, self.house, self.moderator, Intent(*chosen))

    def report(self, session: Session) -> None:
        reports.report_comment(session, self.house, self.reporter.id, self.comment.id, Complaint("threat"))

    def sign_up(self, session: Session) -> None:
        wanted = Registration(ALIAS, f"New {next(_names)}", "secret", [], factories.RULES_VERSION)
        sign_up.sign_up(session, self.settings, self.house, wanted)

    def pay(self, session: Session) -> None:
        identities.capture(session, self.settings, self.house, self.partner.id, CARD)

    def act(self, what: str) -> None:
        """In a transaction of its own; a refusal is an answer like another."""
        try:
            with self.database.transaction() as session:
                getattr(self, what)(session)
        except Refusal:
            assert what in ("ban", "report")

    def back(self) -> Account | None:
        """Who has the mailbox now; they try once more to sign up, and prove it if they can."""
        with self.database.transaction() as session:
            self.sign_up(session)
            found = session.scalars(select(Account).where(Account.email == ALIAS)).first()
            if found is not None:
                mailboxes.prove(session, self.settings, self.house, standing.lock(session, found.id))
            return found


@pytest.fixture
def meeting(settings: Settings, house: HouseRules, database: Database) -> Meeting:
    with database.transaction() as session:
        site = factories.site(session)
        story = factories.story(session, site)
        mallory = factories.account(session, "Mallory", email=MAILBOX, settings=settings)
        identities.capture(session, settings, house, mallory.id, CARD)
        comment, reported = (factories.comment(session, story, mallory) for _ in range(2))
        return Meeting(
            settings,
            house,
            database,
            site,
            mallory,
            factories.subscriber(session),
            factories.account(session),
            reported,
            moderating.ask(session, house, comment),
            moderating.moderator(session),
        )


def _forced(meeting: Meeting, first: str, second: str) -> None:
    """The second begins before the first is committed; whether it waits or need not, it comes after it."""
    with ThreadPoolExecutor(1) as pool:
        with meeting.database.transaction() as session:
            getattr(meeting, first)(session)
            session.flush()
            other = pool.submit(meeting.act, second)
            waits(meeting.database, other)
        other.result(PATIENCE)


@pytest.mark.parametrize(("first", "second"), [("erase", "ban"), ("ban", "erase")])
def test_a_ban_and_an_erasure_bar_mailbox_and_card_in_either_order(meeting: Meeting, first: str, second: str) -> None:
    _forced(meeting, first, second)
    meeting.act("pay")
    assert meeting.back() is None
    with meeting.database.reading() as session:
        rules = meeting.house.at({})
        found = facts.entitlement(session, meeting.partner.id, meeting.site, clock.now(), rules)
        assert found.reason is Reason.IDENTITY_REVIEW


@pytest.mark.parametrize("order", list(permutations(("erase", "ban", "sign_up"))), ids="-".join)
def test_whoever_signs_up_meanwhile_is_banned_or_gets_no_account(meeting: Meeting, order: tuple[str, str, str]) -> None:
    meeting.act(order[0])
    _forced(meeting, *order[1:])
    found = meeting.back()
    with meeting.database.reading() as session:
        assert found is None or standing.read(session, found.id).kind == BAN


@pytest.mark.parametrize(("first", "second"), [("erase", "report"), ("report", "erase")])
def test_a_report_finds_what_the_erased_are_known_by(meeting: Meeting, first: str, second: str) -> None:
    _forced(meeting, first, second)
    with meeting.database.reading() as session:
        assert session.scalars(select(Report.id)).all()
        kinds = session.scalars(select(Trait.kind).where(Trait.account_id == meeting.mallory.id))
        assert sorted(kinds) == ["card", "mailbox"]


def test_all_at_once_let_nobody_through(meeting: Meeting) -> None:
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(retrying(meeting.act), ("erase", "ban", "report", "sign_up", "pay")))
    found = meeting.back()
    with meeting.database.reading() as session:
        assert found is None or standing.read(session, found.id).kind == BAN
