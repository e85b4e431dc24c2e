"""Whatever is sent to the webhook, by whomever and however: never a 500, and no 200 for what Stripe did not sign."""

import json

from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as searching
from hypothesis import strategies as st

from config.settings import Settings
from tests.support.webhook import PATH, event, header

anything = st.binary(max_size=300) | st.just(json.dumps(event()).encode())
HEADERS = ("Content-Type", "Content-Encoding", "Accept", "Expect", "Origin", "Cookie", "X-Forwarded-For")
header_text = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=80)
real_methods = st.sampled_from(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "PROPFIND"])
MAY_BE = {200, 400, 405, 411, 413, 503}


@searching(max_examples=200)
@given(
    body=anything,
    signed=st.booleans(),
    forged=header_text,
    method=st.just("POST") | real_methods,
    others=st.dictionaries(st.sampled_from(HEADERS), header_text),
)
def test_nothing_that_is_sent_breaks_anything(
    client: FlaskClient,
    settings: Settings,
    body: bytes,
    signed: bool,
    forged: str,
    method: str,
    others: dict[str, str],
) -> None:
    signature = header(body, settings.stripe_webhook_secrets[0]) if signed else forged
    answer = client.open(PATH, method=method, data=body, headers={**others, "Stripe-Signature": signature})
    assert answer.status_code in (MAY_BE if method == "POST" else {405})
    assert signed or answer.status_code != 200


@searching(max_examples=100)
@given(place=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_any_byte_changed_on_the_way_is_refused(client: FlaskClient, settings: Settings, place: int, flip: int) -> None:
    body = json.dumps(event()).encode()
    signature = header(body, settings.stripe_webhook_secrets[0])
    place %= len(body)
    changed = body[:place] + bytes([body[place] ^ flip]) + body[place + 1 :]
    assert client.post(PATH, data=changed, headers={"Stripe-Signature": signature}).status_code == 400
