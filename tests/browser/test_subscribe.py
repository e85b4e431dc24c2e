"""A reader pays, cancels and takes it back, in a browser without JavaScript and with our content policy in force."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.newspaper import Newspaper, sign_in

pytestmark = pytest.mark.browser


def test_a_reader_pays_cancels_and_takes_it_back(reader: Page, newspaper: Newspaper) -> None:
    sign_in(reader, newspaper.member().email)
    reader.goto("/subscription")
    reader.get_by_role("button", name="Subscribe").click()
    expect(reader.get_by_text("£4.99 a month")).to_be_visible()

    reader.get_by_role("button", name="Pay with a card that is declined").click()
    expect(reader.get_by_role("alert")).to_contain_text("declined")
    reader.get_by_role("button", name="Subscribe for £4.99").click()
    expect(reader.get_by_text("Your subscription is active.")).to_be_visible()

    reader.get_by_role("button", name="Manage your subscription").click()
    reader.get_by_role("button", name="Cancel at the end of the period").click()
    expect(reader.get_by_text("Ends on")).to_be_visible()
    reader.get_by_role("button", name="Do not cancel").click()
    expect(reader.get_by_text("Renews on")).to_be_visible()
    reader.get_by_role("button", name="Cancel now").click()
    reader.get_by_role("link", name="Back to the newspaper").click()
    expect(reader.get_by_role("heading", name="Your subscription")).to_be_visible()


def test_turning_back_at_checkout_leads_to_the_subscription_page(reader: Page, newspaper: Newspaper) -> None:
    sign_in(reader, newspaper.member().email)
    reader.goto("/subscription")
    reader.get_by_role("button", name="Subscribe").click()
    reader.get_by_role("button", name="Cancel and go back").click()
    expect(reader.get_by_role("button", name="Subscribe")).to_be_visible()
