"""A banned reader comes back under a new name with the same card, over sockets: from Checkout to the verdict."""

import logging
from typing import Any

import pytest
import requests
from sqlalchemy import select, text

from app.gateway import client
from app.models import Customer, Item, Trait
from app.models.item import OPEN
from app.models.role import MODERATOR
from tests.support import factories, moderating
from tests.support.banned_payers import CARD, OTHER_CARD, banned_payer, post, reader, subscribe
from tests.support.paper import Paper
from tests.support.stripe_world import eventually


def questions(paper: Paper) -> list[Item]:
    with paper.database.reading() as session:
        return moderating.rows(session, Item, kind="payment", state=OPEN)


def decide(paper: Paper, action: str) -> None:
    """A moderator decides the open question by the API."""
    (item,) = questions(paper)
    with paper.database.transaction() as session:
        moderator = factories.staff(session, MODERATOR)
    url = f"{paper.settings.public_url}/api/v1/items/{item.id}/decisions"
    body: Any = {"action": action, "revision": item.revision, "rule": "honesty", "reason": "The same person."}
    answer = paper.browser(moderator).post(url, json=body, timeout=10)
    assert answer.status_code == 201, answer.text


def test_the_same_card_under_a_new_name_waits_for_a_moderator_who_allows_it(paper: Paper) -> None:
    banned_payer(paper)
    household = reader(paper)
    subscribe(paper, household)
    # at the first moment, whether or not the worker has worked
    assert post(paper, household) == (402, "identity_review")
    page = paper.browser(household).get(f"{paper.settings.public_url}/subscription", timeout=10).text
    assert "We are checking who this subscription belongs to." in page
    decide(paper, "allow")
    assert post(paper, household)[0] == 201
    paper.work()
    assert post(paper, household)[0] == 201
    assert questions(paper) == []


def test_a_return_that_is_confirmed_is_banned_with_every_card(paper: Paper) -> None:
    banned_payer(paper)
    returned = reader(paper)
    subscribe(paper, returned)
    decide(paper, "confirm")
    assert post(paper, returned) == (403, "banned")
    other = reader(paper)
    subscribe(paper, other, OTHER_CARD)
    assert post(paper, other)[0] == 201


def test_a_webhook_alone_is_enough(paper: Paper) -> None:
    banned_payer(paper)
    returned = reader(paper)
    form = {"action": "pay", "number": CARD}
    requests.post(paper.go_to_checkout(paper.browser(returned)), data=form, allow_redirects=False, timeout=10)

    def worked() -> tuple[int, str | None]:
        paper.work()
        return post(paper, returned)

    seen: set[tuple[int, str | None]] = set()
    eventually(lambda: seen.add(worked()) or (402, "identity_review") in seen)  # type: ignore[func-returns-value]
    assert not any(status == 201 for status, _code in seen)


def test_a_card_that_a_subscriber_adds_later_counts_as_well(paper: Paper) -> None:
    banned_payer(paper)
    subscriber = reader(paper)
    subscribe(paper, subscriber, OTHER_CARD)
    assert post(paper, subscriber)[0] == 201
    stripe = client.connect(paper.settings)
    card: Any = {"type": "card", "card": {"number": CARD, "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
    method = stripe.change(lambda v1: v1.payment_methods.create(card))["id"]
    with paper.database.reading() as session:
        customer = session.scalars(select(Customer.id).where(Customer.account_id == subscriber.id)).one()
    stripe.change(lambda v1: v1.payment_methods.attach(method, {"customer": customer}))

    def held() -> bool:
        paper.work()
        return post(paper, subscriber) == (402, "identity_review")

    eventually(held)


def test_no_fingerprint_and_no_card_is_in_a_row_or_a_log(
    paper: Paper, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    account = banned_payer(paper)
    subscribe(paper, reader(paper))
    paper.work()
    methods, _more = client.connect(paper.settings).slice(lambda v1: v1.payment_methods.list())
    secrets = {each["card"]["fingerprint"] for each in methods} | {"4242424242424242"}
    assert len(secrets) == 2
    with paper.database.reading() as session:
        everything = str(
            [session.execute(text(f'SELECT * FROM "{table.name}"')).all() for table in Trait.metadata.sorted_tables]
        )
    assert str(account.id) in everything
    printed = capfd.readouterr()
    said = everything + caplog.text + printed.out + printed.err
    assert "route=/subscription/return" in said
    for secret in secrets:
        assert secret not in said
