"""What about money a person has to answer: whose a subscription is, whether one shall end, who may bear a name."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from app.accounts import one_time_tokens
from app.billing import link_by_letter
from app.demo.history import Event, World
from app.demo.newspaper import Customer, Proposal
from app.models.letter import LINK
from app.payers import name_checks
from app.terminations import approval
from app.terminations.approval import ProposedEnd

HOUR = timedelta(hours=1)
# before anybody links anything
ADOPTED_DAYS_AGO = 5.0


def events(world: World) -> Iterator[Event]:
    """Subscribers of old are taken in and link what is theirs; moderators propose; readers ask for exceptions."""
    for customer in world.paper.customers:
        yield Event(world.ago(customer.paid_days_ago), partial(world.till.settle, customer))
        yield from _links(world, customer)
    yield Event(world.ago(ADOPTED_DAYS_AGO), world.till.adopt, pays=True)
    for reader in world.paper.readers:
        if reader.proposal:
            proposed = partial(_propose, world, reader.key, reader.proposal)
            yield Event(world.ago(reader.proposal.days_ago), proposed)
        if reader.exception_days_ago is not None:
            yield Event(world.ago(reader.exception_days_ago), partial(_ask, world, reader.key))


def _links(world: World, customer: Customer) -> Iterator[Event]:
    """All who would link a customer ask for the letter first, and open it afterwards."""
    asked = world.ago(customer.linked_days_ago)
    for place, key in enumerate(customer.linked_by):
        opened = asked + (len(customer.linked_by) + place) * HOUR
        yield Event(asked + place * HOUR, partial(_ask_for_letter, world, key, customer.email), pays=True)
        yield Event(opened, partial(_open_letter, world, key, customer.email), pays=True)


def _ask_for_letter(world: World, key: str, email: str) -> None:
    with world.it.database.transaction() as session:
        link_by_letter.ask(session, world.it.settings, world.accounts[key], email)


def _open_letter(world: World, key: str, email: str) -> None:
    account_id, customer_id = world.accounts[key], world.till.customer(email)
    with world.it.database.transaction() as session:
        secret = one_time_tokens.issue(session, world.it.settings, account_id, LINK, customer_id)
        session.flush()
        link_by_letter.redeem(session, world.it.settings, world.it.house, account_id, secret)


def _propose(world: World, key: str, proposal: Proposal) -> None:
    actor, account_id = world.caller(proposal.by), world.accounts[key]
    with world.it.database.transaction() as session:
        (subscription,) = approval.living(session, account_id)
        end = ProposedEnd(account_id, subscription.id, proposal.method, proposal.reason)
        approval.propose(session, world.it.house, actor, end)


def _ask(world: World, key: str) -> None:
    with world.it.database.transaction() as session:
        name_checks.ask_for_exception(session, world.it.house, world.accounts[key])
