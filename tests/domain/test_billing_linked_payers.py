"""Whoever links a customer who paid before we listened is known by what was paid with then; what somebody bought here
is theirs under the account that they go on with."""

from app import clock
from app.accounts import identity
from app.billing import cancelling, checkout, facts, links
from app.billing.entitlement import Reason
from app.billing.links import Proof
from app.ids import new_id
from app.models import Login
from app.sign_in import joined_accounts
from app.sign_in.foreign_log_in import SSO
from app.simulator import methods
from tests.support import banned_payers, factories
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


def test_what_was_bought_here_is_theirs_under_the_older_account_that_they_go_on_with(paper: Paper) -> None:
    with paper.database.transaction() as session:
        newer = factories.account(session)
        session.add(Login(id=new_id(), account_id=newer.id, provider=SSO, subject="reader-1", created_at=clock.now()))
    banned_payers.subscribe(paper, newer)
    paper.work()
    with paper.database.transaction() as session:
        joined_accounts.join(session, newer.id, identity.load(session, paper.reader.id, paper.reader.session_epoch))
    paper.work()
    assert paper.entitlement().allowed
    with paper.database.reading() as session:
        assert len(cancelling.renewing(session, paper.reader.id)) == 1
        assert checkout.is_subscribed(session, paper.reader.id, paper.settings.stripe_price)


def customer_of(paper: Paper, subscription: str) -> str:
    return str(paper.simulated.get("subscription", subscription)["customer"])
