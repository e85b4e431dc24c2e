"""A reader who has subscribed for years links that to a new account by letter, in a browser without JavaScript."""

import re

import pytest
import requests
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import installation
from app.billing import adopt
from app.gateway.client import SIMULATOR_KEY
from app.models import Customer, Subscription
from tests.support.newspaper import Newspaper, sign_in
from tests.support.stripe_world import eventually

pytestmark = pytest.mark.browser
INVOICES = "office@example.org"


@pytest.fixture
def customer(newspaper: Newspaper) -> str:
    """Who was at Stripe before the newspaper came to us, and was taken in."""
    base = newspaper.settings.stripe_api_base
    key = {"Authorization": f"Bearer {SIMULATOR_KEY}"}
    made = requests.post(f"{base}/v1/customers", data={"email": INVOICES}, headers=key, timeout=10).json()
    requests.post(f"{base}/_sim/subscriptions", data={"customer": made["id"]}, timeout=10).raise_for_status()
    adopt.adopt(installation.of(newspaper.settings, newspaper.database))
    # where webhooks came first, the worker learns it all
    eventually(lambda: known(newspaper, made["id"]))
    return str(made["id"])


def known(newspaper: Newspaper, customer: str) -> bool:
    """Whether the letter can find who it is, and the link finds what they pay for."""
    with newspaper.database.reading() as session:
        found = session.get(Customer, customer)
        bought = session.scalars(select(Subscription.id).where(Subscription.customer_id == customer)).first()
    return bought is not None and found is not None and found.email_token is not None


def test_a_subscriber_of_many_years_links_that_by_letter(reader: Page, newspaper: Newspaper, customer: str) -> None:
    sign_in(reader, newspaper.member().email)
    reader.goto("/subscription")
    reader.get_by_label("E-mail address of your invoices").fill(INVOICES)
    reader.get_by_role("button", name="Send the letter").click()
    expect(reader.get_by_role("status")).to_contain_text("a letter is on its way")

    link = re.search(r"\S+/subscription/confirm\S+", newspaper.letter_to(INVOICES, "/subscription/confirm"))
    assert link
    reader.goto(link[0])
    reader.get_by_role("button", name="Link it to this account").click()
    expect(reader.get_by_role("status")).to_contain_text("linked to this account")
    expect(reader.get_by_text("Your subscription is active.")).to_be_visible()
    expect(reader.get_by_role("button", name="Subscribe")).to_have_count(0)
