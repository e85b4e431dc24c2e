"""What tests of the webhook share."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

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
