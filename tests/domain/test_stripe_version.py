"""What is fetched comes in the shapes of the version that our SDK pins, whatever version the account is set to."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import stripe

from app.gateway import charges, refunds, subscriptions
from app.gateway.client import Stripe
from config.settings import Settings
from tests.support.loopback import serving


def test_every_call_names_the_version_that_it_wants_its_answer_in(settings: Settings) -> None:
    asked = []

    def nothing_there(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        asked.append((environ["REQUEST_METHOD"], environ.get("HTTP_STRIPE_VERSION")))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b'{"object": "list", "data": [], "has_more": false, "id": "re_1", "status": "succeeded"}']

    with serving(nothing_there) as server:
        ours = Stripe(replace(settings, stripe_api_base=server.url))
        subscriptions.retrieve(ours, "sub_1")
        charges.warned_of(ours)
        refunds.create(ours, "ch_1", 100, "1", 0)
    assert asked == [("GET", stripe.api_version), ("GET", stripe.api_version), ("POST", stripe.api_version)]
