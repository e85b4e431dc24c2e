"""A key of payment identities is exchanged while the ban holds, before, during and after: `btl billing rekey`."""

from dataclasses import replace
from datetime import timedelta

import time_machine
from sqlalchemy import select

from app import clock, retention
from app.accounts import erasure
from app.billing import facts
from app.billing.entitlement import Reason
from app.gateway import client, customers, instruments
from app.gateway.fingerprints import Fingerprint
from app.models import Account, Customer
from app.models.sanction import BAN
from app.payers import identities, mailboxes, rekey
from config.identity_keys import IdentityKey
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.paper import Paper

OLD, NEW = IdentityKey("old", "o" * 32), IdentityKey("new", "n" * 32)


def keyed(paper: Paper, *keys: IdentityKey) -> Settings:
    return replace(paper.settings, identity_keys=keys)


def payer(paper: Paper, settings: Settings) -> Account:
    """A new account that has paid at Checkout with the usual card, and is captured under `settings`."""
    with paper.database.transaction() as session:
        account = factories.account(session)
    paper.pay(paper.go_to_checkout(paper.browser(account)))
    capture(paper, settings, account)
    return account


def capture(paper: Paper, settings: Settings, account: Account) -> None:
    """Capture what the account pays with now, as a refresh of its customer does."""
    stripe = client.connect(paper.settings)
    with paper.database.reading() as session:
        (customer_id,) = session.scalars(select(Customer.id).where(Customer.account_id == account.id))
    customer = customers.retrieve(stripe, customer_id)
    assert customer is not None
    with paper.database.transaction() as session:
        seen = instruments.of_customer(stripe, customer)
        identities.capture(session, settings, paper.house, account.id, seen)


def ban(paper: Paper, account: Account) -> None:
    with paper.database.transaction() as session:
        factories.sanction(session, account, BAN, at=paper.site)


def held(paper: Paper, account: Account) -> bool:
    with paper.database.reading() as session:
        reason = facts.entitlement(session, account.id, paper.site, clock.now(), paper.house.at({})).reason
    return reason is Reason.IDENTITY_REVIEW


def run(paper: Paper, settings: Settings) -> int:
    stripe = client.connect(paper.settings)
    return rekey.rekey(assembled(settings, paper.house, paper.database, stripe=stripe), lambda _asked: None)


def needed(paper: Paper, settings: Settings) -> dict[str, int]:
    with paper.database.reading() as session:
        return rekey.needed(session, settings)


def test_the_match_holds_before_during_and_after_an_exchange(paper: Paper) -> None:
    before, during, after = keyed(paper, OLD), keyed(paper, NEW, OLD), keyed(paper, NEW)
    banned = payer(paper, before)
    ban(paper, banned)
    assert held(paper, payer(paper, before))
    assert held(paper, payer(paper, during))
    assert needed(paper, during)["old"] > 0
    assert run(paper, during) == 2
    assert needed(paper, during)["old"] == 0
    assert held(paper, payer(paper, after))


def test_a_card_that_was_taken_off_is_found_by_its_payments(paper: Paper) -> None:
    during = keyed(paper, NEW, OLD)
    banned = payer(paper, keyed(paper, OLD))
    ban(paper, banned)
    stripe = client.connect(paper.settings)
    (method,) = stripe.slice(lambda v1: v1.payment_methods.list({"limit": 3}))[0]
    stripe.change(lambda v1: v1.payment_methods.detach(method["id"]))
    run(paper, during)
    assert needed(paper, during)["old"] == 0


def test_an_old_key_is_needed_where_a_ban_rests_on_it_alone(paper: Paper) -> None:
    during = keyed(paper, NEW, OLD)
    with paper.database.transaction() as session:
        gone = factories.account(session)
        identities.capture(session, keyed(paper, OLD), paper.house, gone.id, [Fingerprint("card", "no longer there")])
    assert needed(paper, during) == {"old": 0}
    ban(paper, gone)
    assert run(paper, during) == 0
    assert needed(paper, during) == {"old": 1}


def test_an_old_key_is_needed_while_an_erased_account_is_known_by_it_alone(paper: Paper) -> None:
    during = keyed(paper, NEW, OLD)
    with paper.database.transaction() as session:
        gone = factories.account(session)
        factories.comment(session, factories.story(session, paper.site), gone)
        identities.capture(session, keyed(paper, OLD), paper.house, gone.id, [Fingerprint("card", "no longer there")])
        erasure.erase(session, gone.id)
    assert run(paper, during) == 0
    assert needed(paper, during) == {"old": 1}
    with time_machine.travel(clock.now() + timedelta(days=paper.house.retention.quarantine_days + 1)):
        retention.forget(paper.database, paper.house, {})
        assert needed(paper, during) == {}


def test_and_while_the_same_mailbox_is_banned_by_another_account(paper: Paper) -> None:
    during = keyed(paper, NEW, OLD)
    with paper.database.transaction() as session:
        first = factories.account(session, email="mallory@gmail.com")
        mailboxes.prove(session, paper.settings, paper.house, first)
        second = factories.account(session, email="somebody@example.org")
        identities.capture(session, keyed(paper, OLD), paper.house, second.id, [Fingerprint("card", "taken off")])
    assert needed(paper, during) == {"old": 0}
    ban(paper, first)
    with paper.database.transaction() as session:
        erasure.erase(session, first.id)
        again = session.get_one(Account, second.id)
        again.email = "mallory+again@gmail.com"
        mailboxes.prove(session, paper.settings, paper.house, again)
    assert needed(paper, during) == {"old": 1}


def test_whoever_is_known_under_the_new_key_is_not_asked_for_again(paper: Paper) -> None:
    during = keyed(paper, NEW, OLD)
    payer(paper, keyed(paper, OLD))
    payer(paper, during)
    assert [run(paper, during), run(paper, during)] == [1, 0]
