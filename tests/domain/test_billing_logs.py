"""What Stripe says of a payer stays out of every log, and so does what Stripe says of a call that it refuses."""

import json
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.wrappers import Response

from app.gateway import customers
from app.gateway.client import Stripe, StripeRefused
from config.settings import Settings
from tests.support.loopback import serving

ADDRESS = "payer@@example.org"


def refusing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    error = {"type": "invalid_request_error", "code": "email_invalid", "message": f"Invalid email address: {ADDRESS}"}
    return Response(json.dumps({"error": error}), 400, mimetype="application/json")(environ, start_response)


def test_the_words_of_a_refusal_are_in_no_log(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(refusing) as there, pytest.raises(StripeRefused) as refused:
        customers.create(Stripe(replace(settings, stripe_api_base=there.url)), 7, ADDRESS, 0)
    assert refused.value.reason == "email_invalid"
    assert ADDRESS not in caplog.text + str(refused.value)
