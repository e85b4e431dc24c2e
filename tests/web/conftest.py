"""What tests of the web share."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock
from app.db import Database
from app.models import Account, Site
from app.models.role import EDITOR
from config.settings import Settings
from tests.support import factories
from tests.support.webhook import PATH, Send, event, header


@pytest.fixture
def site(database: Database) -> Site:
    """A newspaper."""
    with database.transaction() as session:
        return factories.site(session)


@pytest.fixture
def editor(database: Database, site: Site) -> Account:
    """Somebody who edits it, and no other."""
    with database.transaction() as session:
        return factories.staff(session, EDITOR, at=site)


@pytest.fixture
def send(client: FlaskClient, settings: Settings) -> Send:
    """Deliver something, signed as Stripe would unless told otherwise."""

    def deliver(content: Any = None, *, signed: str | None = None, age: int = 0) -> TestResponse:
        body = content if isinstance(content, bytes) else json.dumps(content or event()).encode()
        signature = header(body, settings.stripe_webhook_secrets[0], age) if signed is None else signed
        return client.post(PATH, data=body, headers={"Stripe-Signature": signature} if signature else {})

    return deliver


@pytest.fixture
def no_window_ends() -> Iterator[None]:
    """No minute and no hour ends while the test runs: what was counted becomes lighter as its time passes."""
    with time_machine.travel(clock.now().replace(minute=30, second=1), tick=False):
        yield
