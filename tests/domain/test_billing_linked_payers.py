"""Whoever links a customer who paid before we listened is known by what was paid with then."""

from app import clock
from app.billing import facts, links
from app.billing.entitlement import Reason
from app.billing.links import Proof
from app.simulator import methods
from tests.support import factories
from tests.support.paper import Paper

CARD = "5555555555554444"


def test_a_card_that_was_taken_off_long_ago_is_known_by_the_payments_made_with_it(paper: Paper) -> None:
    paper.control("knobs", drop_percent=100)
    with paper.database.transaction() as session:
        banned = factories.account(session)
    theirs = paper.sold(account_id=banned.id)
    paper.control(f"customers/{customer_of(paper, theirs)}/methods", number=CARD)
    paper.look("subscription", theirs)
    with paper.database.reading() as session:
        assert facts.entitlement(session, banned.id, paper.site, clock.now(), paper.house.at({})).allowed
    with paper.database.transaction() as session:
        factories.sanction(session, banned, "ban", at=paper.site)
    old = paper.sold()
    customer = customer_of(paper, old)
    paper.control(f"customers/{customer}/methods", number=CARD)
    paper.changed(old, default_payment_method=None)
    paper.control(f"subscriptions/{old}/renew")
    (method,) = [
        each for each in paper.simulated.find("payment_method", {"customer": customer}) if each["_number"] == CARD
    ]
    with paper.simulated.transaction():
        methods.detach(paper.simulated, method)
    paper.look("subscription", old)
    with paper.database.transaction() as session:
        links.link(session, paper.house, customer, paper.reader.id, Proof.PAPER)
    paper.work()
    assert paper.entitlement().reason is Reason.IDENTITY_REVIEW


def customer_of(paper: Paper, subscription: str) -> str:
    return str(paper.simulated.get("subscription", subscription)["customer"])
