"""Signing up, confirming on another device, signing in, and a forgotten password, in browsers without JavaScript."""

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.support import factories
from tests.support.newspaper import Newspaper, sign_in

pytestmark = pytest.mark.browser


def link_to(newspaper: Newspaper, email: str, path: str) -> str:
    """The address in the newest letter that leads there."""
    found = re.search(rf"http://\S+{path}\S+", newspaper.letter_to(email, path))
    assert found
    return found[0]


def sign_up(page: Page, email: str, password: str) -> None:
    page.goto("/sign-up")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Display name").fill("Reader " + "".join(secrets.choice("bcdfghjkqrstvwxyz") for _ in range(8)))
    page.get_by_label("Password").fill(password)
    page.get_by_label("have read the house rules").check()
    page.get_by_role("button", name="Sign up").click()


def test_a_reader_gets_in_out_and_in_again(reader: Page, another: Page, newspaper: Newspaper) -> None:
    email = f"{secrets.token_hex(6)}@example.org"
    sign_up(reader, email, "1234567890")
    expect(reader.get_by_role("alert")).to_contain_text("Others would guess this password")
    sign_up(reader, email, factories.PASSWORD)
    expect(reader.get_by_role("heading", name=f"Check your mail at {email}")).to_be_visible()
    reader.get_by_role("button", name="Send the letter again").click()
    expect(reader.get_by_role("status")).to_contain_text("on its way again")
    sign_in(reader, email)
    expect(reader.get_by_role("alert")).to_contain_text("not confirmed yet")

    link = link_to(newspaper, email, "/verify")
    another.goto(link)
    another.get_by_label("Password").fill("not the one that it was")
    another.get_by_role("button", name="Confirm my address").click()
    expect(another.get_by_role("alert")).to_contain_text("not your present password")
    another.get_by_label("Password").fill(factories.PASSWORD)
    another.get_by_role("button", name="Confirm my address").click()
    expect(another.get_by_role("heading", name="Your account")).to_be_visible()
    reader.goto(link)
    expect(reader.get_by_text("This address is confirmed.")).to_be_visible()
    sign_in(reader, email)
    expect(reader.get_by_role("button", name="Sign out")).to_be_visible()
    reader.get_by_role("button", name="Sign out").click()
    expect(reader.get_by_role("main").get_by_role("button", name="Sign out")).to_have_count(0)

    reader.goto("/forgot")
    reader.get_by_label("E-mail address").fill(email)
    reader.get_by_role("button", name="Send the letter").click()
    expect(reader.get_by_role("status")).to_contain_text("a letter is on its way")
    reader.goto(link_to(newspaper, email, "/reset"))
    reader.get_by_label("New password").fill("another password for the tests")
    reader.get_by_role("button", name="Set the password").click()
    expect(reader.get_by_role("status")).to_contain_text("you are signed in")
    another.reload()
    expect(another.get_by_role("link", name="Sign up")).to_be_visible()
    assert "/forgot" in newspaper.letter_to(email, "has been changed")


def test_whoever_guesses_is_told_to_wait_and_how_to_get_in_at_once(reader: Page, newspaper: Newspaper) -> None:
    email = newspaper.member().email
    for _ in range(6):
        reader.goto("/sign-in")
        reader.get_by_label("E-mail").fill(str(email))
        reader.get_by_label("Password").fill("a password that is wrong")
        reader.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(reader.get_by_role("alert")).to_contain_text("have a letter sent")
    reader.get_by_role("link", name="Forgotten your password?").click()
    expect(reader.get_by_role("heading", name="Forgotten your password?")).to_be_visible()
