"""Whatever billing is asked to do, in whatever order, no banned reader writes, nor who pays like one unjudged."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from app import clock
from app.billing import facts, grants, jobs, links, sync
from app.billing.entitlement import Reason
from app.billing.links import Proof
from app.gateway.fingerprints import Fingerprint
from app.ids import new_id
from app.models import Account, Charge, Customer, Site
from app.models.payment_case import FRAUD_WARNING, LOST_DISPUTE
from app.models.trait import STRONG
from app.payers import identities, payment_cases
from app.payers.payment_cases import PayerFinding
from tests.support import factories, moderating
from tests.support.moderating import Desk

SEEN = (Fingerprint("card", "one"), Fingerprint("paypal", "two"), Fingerprint("email", "payer@paper.example"))
READERS = 3


class Sequence:
    """Some readers, what each was seen to pay with, and who is banned."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.site = desk.session.get_one(Site, desk.story.site_id)
        self.readers = [factories.account(desk.session) for _ in range(READERS)]
        self.paid: dict[int, set[Fingerprint]] = {reader.id: set() for reader in self.readers}
        self.banned: set[int] = set()

    def ban(self, reader: Account, _seen: Fingerprint) -> None:
        if reader.id not in self.banned:
            comment = factories.comment(self.desk.session, self.desk.story, reader)
            self.desk.decide(moderating.ask(self.desk.session, self.desk.house, comment), "ban", "threat")
            self.banned.add(reader.id)

    def pay(self, reader: Account, seen: Fingerprint) -> None:
        self.paid[reader.id].add(seen)
        identities.capture(self.desk.session, self.desk.settings, self.desk.house, reader.id, [seen])

    def subscribe(self, reader: Account, _seen: Fingerprint) -> None:
        factories.subscribe(self.desk.session, reader)

    def refund(self, reader: Account, _seen: Fingerprint) -> None:
        facts_of_it = {"amount_refunded": 1, "fraud_warning": False, "fetched_at": clock.now()}
        self.desk.session.add(Charge(id=f"ch_{new_id()}", customer_id=f"cus_{reader.id}", **facts_of_it))

    def grant(self, reader: Account, _seen: Fingerprint) -> None:
        until = clock.now() + timedelta(days=1)
        editor = factories.account(self.desk.session)
        grants.give(self.desk.session, editor.id, reader.id, self.site.id, "A guest.", until)

    def link(self, reader: Account, _seen: Fingerprint) -> None:
        customer_id = f"cus_orphan_{new_id()}"
        self.desk.session.add(Customer(id=customer_id, created_at=clock.now()))
        self.desk.session.flush()
        links.link(self.desk.session, self.desk.house, customer_id, reader.id, Proof.PAPER)

    def find(self, reader: Account, _seen: Fingerprint) -> None:
        for kind in (FRAUD_WARNING, LOST_DISPUTE):
            payment_cases.ask(self.desk.session, self.desk.house, PayerFinding(kind, reader.id, "ch_1"), self.site.id)

    def hint(self, reader: Account, _seen: Fingerprint) -> None:
        for kind in (sync.CUSTOMER, sync.SUBSCRIPTION):
            sync.request(self.desk.session, kind, f"{kind}_{reader.id}")
        jobs.mark_stale(self.desk.session)

    def check(self) -> None:
        for reader in self.readers:
            found = facts.entitlement(self.desk.session, reader.id, self.site, clock.now(), self.desk.house.at({}))
            if reader.id in self.banned:
                assert found.reason is Reason.BANNED
            elif any(self._pays_like(reader, banned) for banned in self.banned):
                assert found.reason is Reason.IDENTITY_REVIEW
            else:
                assert found.reason not in (Reason.BANNED, Reason.IDENTITY_REVIEW)

    def _pays_like(self, reader: Account, banned: int) -> bool:
        return any(seen.kind in STRONG for seen in self.paid[reader.id] & self.paid[banned])


CALLS: tuple[Callable[[Sequence, Account, Fingerprint], None], ...] = (
    Sequence.ban,
    Sequence.pay,
    Sequence.pay,
    Sequence.subscribe,
    Sequence.refund,
    Sequence.grant,
    Sequence.link,
    Sequence.find,
    Sequence.hint,
)
steps = st.tuples(st.sampled_from(CALLS), st.integers(0, READERS - 1), st.sampled_from(SEEN))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@hypothesis(max_examples=40)
@given(sequence=st.lists(steps, min_size=1, max_size=14))
def test_no_sequence_of_calls_lets_a_banned_reader_write(
    desk: Desk, sequence: list[tuple[Callable[[Sequence, Account, Fingerprint], None], int, Fingerprint]]
) -> None:
    with desk.session.begin_nested() as savepoint:
        tried = Sequence(desk)
        for call, reader, seen in sequence:
            call(tried, tried.readers[reader], seen)
            tried.check()
        savepoint.rollback()
