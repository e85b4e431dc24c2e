"""What tests of the webhook share, and of limits."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import clock
from config.settings import Settings
from tests.support.webhook import PATH, Send, event, header


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
    with time_machine.travel(clock.now().replace(minute=30, second=30)):
        yield
