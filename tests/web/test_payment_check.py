"""POST /api/v1/payments/check: before money moves, over real sockets, against the simulated Stripe."""

from typing import Any

import pytest
import requests
from sqlalchemy import func, select

from app.gateway import client, fingerprints, instruments
from app.models import Account, PaymentCase, Sanction, Trait
from app.models.sanction import BAN, SUSPENSION
from app.models.trait import MAILBOX
from app.payers import identities
from tests.support import factories
from tests.support.paper import Paper

CARD, OTHER_CARD = "4242424242424242", "5555555555554444"
PATH = "/api/v1/payments/check"


def entered(paper: Paper, number: str = CARD) -> str:
    """The id of the ConfirmationToken that Elements would make of a card."""
    wanted: Any = {"type": "card", "card": {"number": number, "exp_month": 12, "exp_year": 2034, "cvc": "123"}}
    stripe = client.connect(paper.settings)
    card = stripe.change(lambda v1: v1.payment_methods.create(wanted))["id"]
    make: Any = {"payment_method": card}
    return str(stripe.change(lambda v1: v1.test_helpers.confirmation_tokens.create(make))["id"])


def ask(paper: Paper, token: str, account: Account | None = None) -> requests.Response:
    url = f"{paper.settings.public_url}{PATH}"
    return paper.browser(account).post(url, json={"confirmation_token": token}, timeout=10)


def restricted(paper: Paper, kind: str = BAN) -> Account:
    """Somebody else, who has paid with CARD and then was restricted."""
    stripe = client.connect(paper.settings)
    raw = instruments.confirmation_token(stripe, entered(paper))
    with paper.database.transaction() as session:
        banned = factories.account(session)
        identities.capture(session, paper.settings, paper.house, banned.id, fingerprints.of(raw))
        factories.sanction(session, banned, kind, at=paper.site)
    return banned


def test_nobody_asks_who_is_not_signed_in(paper: Paper) -> None:
    url = f"{paper.settings.public_url}{PATH}"
    assert requests.post(url, json={"confirmation_token": "ctoken_1"}, timeout=10).status_code == 401


def test_a_banned_readers_card_is_refused_to_everybody_else_and_nothing_is_kept(paper: Paper) -> None:
    banned = restricted(paper)
    answer = ask(paper, entered(paper))
    assert (answer.status_code, answer.json()["code"]) == (403, "payment_identity_banned")
    assert "Nothing has been charged" in answer.json()["detail"]
    assert banned.name not in answer.text
    assert ask(paper, entered(paper), banned).status_code == 204
    assert ask(paper, entered(paper, OTHER_CARD)).status_code == 204
    with paper.database.reading() as session:
        assert session.scalars(select(Trait.account_id).where(Trait.kind != MAILBOX)).all() == [banned.id]
        assert session.scalar(select(func.count(PaymentCase.id))) == 0


def test_a_suspended_readers_card_is_not_refused(paper: Paper) -> None:
    restricted(paper, SUSPENSION)
    assert ask(paper, entered(paper)).status_code == 204


def test_a_household_that_was_allowed_pays_with_its_card(paper: Paper) -> None:
    banned = restricted(paper)
    with paper.database.transaction() as session:
        (sanction,) = session.scalars(select(Sanction).where(Sanction.account_id == banned.id))
        found = factories.possible_return(session, paper.house, paper.reader, sanction, at=paper.site)
        found.outcome = "allowed"
    assert ask(paper, entered(paper)).status_code == 204


@pytest.mark.parametrize("token", ["ctoken_unknown", "", "pm_1", "../customers"])
def test_there_is_no_such_token(paper: Paper, token: str) -> None:
    assert ask(paper, token).status_code == 404


@pytest.mark.usefixtures("no_window_ends")
def test_it_cannot_be_asked_without_end(paper: Paper) -> None:
    answers = [ask(paper, "ctoken_unknown").status_code for _ in range(paper.house.limits.log_ins_per_minute + 1)]
    assert answers[-1] == 429


def test_it_says_so_when_stripe_is_away(paper: Paper) -> None:
    token = entered(paper)
    paper.stripe_goes_away()
    assert ask(paper, token).status_code == 503
