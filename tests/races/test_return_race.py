"""A ban and a payment with the same card meet: whichever comes first, the other one sees it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from app import clock
from app.accounts.identity import Identity
from app.billing import facts
from app.billing.entitlement import Reason
from app.db import Database
from app.gateway.fingerprints import Fingerprint
from app.models import Account, Item, Site
from app.moderation import decisions
from app.moderation.decisions import Intent
from app.payers import identities
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.waiting import PATIENCE, waits

CARD = [Fingerprint("card", "the same")]


@dataclass
class Meeting:
    """A reader about to be banned, another who is about to pay, and whether each has paid with the card before."""

    settings: Settings
    house: HouseRules
    database: Database
    site: Site
    banned: Account
    returned: Account
    item: Item
    moderator: Identity
    pool: ThreadPoolExecutor

    def ban(self, session: Session) -> None:
        chosen = self.item.id, self.item.revision, "ban", "threat", "A threat."
        decisions.decide(session, self.house, self.moderator, Intent(*chosen))

    def pay(self, session: Session, account: Account) -> None:
        identities.capture(session, self.settings, self.house, account.id, CARD)

    def act(self, what: str, session: Session) -> None:
        match what:
            case "ban":
                self.ban(session)
            case "payment":
                self.pay(session, self.returned)
            case "payment of the banned":
                self.pay(session, self.banned)

    def in_its_own_transaction(self, what: str) -> None:
        with self.database.transaction() as session:
            self.act(what, session)

    def reason(self) -> Reason:
        with self.database.reading() as session:
            return facts.entitlement(session, self.returned.id, self.site, clock.now(), self.house.at({})).reason


@pytest.fixture
def meeting(settings: Settings, house: HouseRules, database: Database) -> Iterator[Meeting]:
    with database.transaction() as session:
        site = factories.site(session)
        story = factories.story(session, site)
        banned, returned = factories.subscriber(session), factories.subscriber(session)
        item = moderating.ask(session, house, factories.comment(session, story, banned))
        moderator = moderating.moderator(session)
    with ThreadPoolExecutor(2) as pool:
        yield Meeting(settings, house, database, site, banned, returned, item, moderator, pool)


@contextmanager
def uncommitted(meeting: Meeting, what: str) -> Iterator[None]:
    """What was done is committed when the block is left."""
    with meeting.database.transaction() as session:
        meeting.act(what, session)
        yield


@pytest.mark.parametrize(
    ("before", "first", "second"),
    [
        ("payment of the banned", "ban", "payment"),
        ("payment of the banned", "payment", "ban"),
        ("ban", "payment of the banned", "payment"),
        ("ban", "payment", "payment of the banned"),
    ],
)
def test_the_second_waits_for_the_first_and_finds_it(meeting: Meeting, before: str, first: str, second: str) -> None:
    meeting.in_its_own_transaction(before)
    with uncommitted(meeting, first):
        other = meeting.pool.submit(meeting.in_its_own_transaction, second)
        assert waits(meeting.database, other)
    other.result(PATIENCE)
    assert meeting.reason() is Reason.IDENTITY_REVIEW


def test_many_at_once_miss_nothing(meeting: Meeting) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(meeting.in_its_own_transaction, ("payment of the banned", "ban", "payment")))
    assert meeting.reason() is Reason.IDENTITY_REVIEW
