"""A banned reader subscribes, comes back from Checkout, claims customers, is given a grant: the gate stays shut."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.billing import checkout, grants, links
from app.billing.links import Proof as Vouched
from app.comments import gate
from app.errors import Refusal
from app.models import Customer
from app.stories import sites
from tests.support.assembled import assembled
from tests.support.billing_proof import Proof
from tests.support.stripe_changes import Contract


class Attempt:
    """What a reader can do, or have done for them, who is banned at some moment."""

    def __init__(self, proof: Proof) -> None:
        proof.stage.clear()
        self.proof, self.stage = proof, proof.stage
        self.settings = replace(proof.stage.settings, stripe_price="price_1")
        self.contracts: list[Contract] = []
        self.told = 0

    def begin(self) -> None:
        checkout.begin(
            assembled(self.settings, self.stage.house, self.stage.database, stripe=self.stage.client),
            self.proof.banned.id,
            "en",
        )
        page = list(self.stage.truth.all("checkout.sessions").values())[-1]
        page.update(object="checkout.session", status="open", payment_status="unpaid")

    def pay(self) -> None:
        """Every Checkout that was begun is paid."""
        for page in self.stage.truth.all("checkout.sessions").values():
            if "subscription" not in page:
                contract = Contract(self.stage.truth, len(self.contracts), self.proof.banned.id)
                contract.customer = page["customer"]
                contract.begin()
                page.update(status="complete", payment_status="paid", subscription=contract.id)
                self.stage.truth.event("checkout.session.completed", page)
                self.contracts.append(contract)

    def come_back(self) -> None:
        for page in list(self.stage.truth.all("checkout.sessions")):
            who, database = self.proof.banned.id, self.stage.database
            checkout.complete(assembled(self.settings, self.stage.house, database, stripe=self.stage.client), who, page)

    def manage(self) -> None:
        checkout.portal(
            assembled(self.settings, self.stage.house, self.stage.database, stripe=self.stage.client),
            self.proof.banned.id,
            "en",
        )

    def tell(self) -> None:
        """All that was not told yet, whole and as a notice."""
        events = list(self.stage.truth.all("events").values())
        for event in events[self.told :]:
            self.stage.deliver(event)
            self.stage.deliver(self.stage.truth.notice(event))
        self.told = len(events)

    def claim(self) -> None:
        """A customer who pays and belongs to nobody yet."""
        contract = Contract(self.stage.truth, len(self.contracts), None)
        contract.begin()
        self.contracts.append(contract)
        with self.stage.database.transaction() as session:
            session.add(Customer(id=contract.customer, account_id=None, created_at=self.stage.now))
        with self.stage.database.transaction() as session:
            links.link(session, self.stage.house, contract.customer, self.proof.banned.id, Vouched.PAPER)

    def grant(self) -> None:
        until, who = self.stage.now + timedelta(days=9), (self.proof.faithful.id, self.proof.banned.id)
        with self.stage.database.transaction() as session:
            grants.give(session, *who, self.proof.site.id, "A guest.", until)

    def renew(self) -> None:
        for contract in self.contracts:
            contract.renew()

    def work(self) -> None:
        self.stage.drain()

    def reconcile(self) -> None:
        self.proof.reconcile()

    def ban(self) -> None:
        if not self.proof.is_banned:
            self.proof.ban()

    def may_write(self) -> bool:
        with self.stage.database.transaction() as session:
            try:
                gate.pass_gate(session, self.proof.banned.id, "post", self.site, self.stage.house)
            except Refusal:
                return False
        return True

    @property
    def site(self) -> sites.SiteSnapshot:
        return sites.by_key(self.stage.database, self.proof.site.key)


ACTS: tuple[Callable[[Attempt], None], ...] = (
    Attempt.begin,
    Attempt.pay,
    Attempt.come_back,
    Attempt.manage,
    Attempt.tell,
    Attempt.claim,
    Attempt.grant,
    Attempt.renew,
    Attempt.work,
    Attempt.reconcile,
    Attempt.ban,
)


def test_a_reader_who_pays_may_write_so_that_the_ban_is_what_stops_them(proof: Proof) -> None:
    attempt = Attempt(proof)
    for act in (Attempt.begin, Attempt.pay, Attempt.come_back):
        act(attempt)
    assert attempt.may_write()
    attempt.ban()
    assert not attempt.may_write()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_order_of_acts_lets_a_banned_reader_write(proof: Proof) -> None:
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(ACTS), min_size=3, max_size=14))
    def play(acts: list[Callable[[Attempt], None]]) -> None:
        proof.is_banned = False
        attempt = Attempt(proof)
        for act in acts:
            with suppress(Refusal):
                act(attempt)
            assert not (proof.is_banned and attempt.may_write()), act.__name__

    play()
