"""A real newspaper in processes of its own, and what people do there with a browser."""

import time
from dataclasses import dataclass
from email import message_from_bytes, policy

from playwright.sync_api import Browser, Page

from app.db import Database
from app.models import Account
from config.settings import Settings
from tests.support import factories


@dataclass(frozen=True)
class Newspaper:
    """A running installation."""

    address: str
    settings: Settings
    database: Database

    def member(self, role: str | None = None) -> Account:
        """Somebody with the password of the tests; with a role, staff at all sites."""
        with self.database.transaction() as session:
            account = factories.account(session, settings=self.settings, password=factories.PASSWORD)
            if role is not None:
                factories.give_role(session, account, role)
            return account

    def letter_to(self, email: str, containing: str) -> str:
        """The text of the newest letter to `email` that has `containing` in it, once it has been sent."""
        for _ in range(100):
            for path in sorted((self.settings.var / "letters").glob("*.eml"), reverse=True):
                letter = message_from_bytes(path.read_bytes(), policy=policy.default)
                body = letter.get_body(("plain",))
                text = body.get_content() if body else ""
                if email in str(letter["To"]) and containing in text:
                    return text
            time.sleep(0.1)
        raise AssertionError(f"no letter to {email} contains {containing!r}")


def sign_in(page: Page, email: str | None) -> None:
    """Sign in by the form, with the password of the tests."""
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(str(email))
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def open_page(chromium: Browser, newspaper: Newspaper) -> Page:
    """The same for whoever else takes part."""
    context = chromium.new_context(base_url=newspaper.address, java_script_enabled=False)
    context.set_default_timeout(10_000)
    return context.new_page()
