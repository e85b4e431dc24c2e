"""The webhook: who may not (everybody but Stripe), and what each delivery is answered."""

import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as searching
from hypothesis import strategies as st
from sqlalchemy import select

from app.db import Database
from app.models import Job, StripeEvent, StripeSync
from app.web.application import create_app
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.webhook import PATH, Send, count, event, header, untouched

LIMIT = 256 * 1024


@pytest.mark.parametrize(
    "signed", ["", "nonsense", "t=1,v1=0", "t=1", "v1=" + "0" * 64, "t=1,v1=é", "t=1," * 2000 + "v1=0"]
)
def test_who_cannot_sign_is_refused_and_leaves_no_trace(send: Send, database: Database, signed: str) -> None:
    answer = send(signed=signed)
    assert (answer.status_code, answer.data) == (400, b"no\n")
    assert untouched(database)


def test_another_secret_is_refused(send: Send, database: Database) -> None:
    body = json.dumps(event()).encode()
    assert send(body, signed=header(body, "whsec_another")).status_code == 400
    assert untouched(database)


@pytest.mark.parametrize(("age", "status"), [(299, 200), (320, 400), (-50, 200), (-80, 400)])
def test_a_delivery_is_good_for_five_minutes(send: Send, age: int, status: int) -> None:
    assert send(age=age).status_code == status


def test_nothing_is_accepted_where_no_secret_is_set(settings: Settings, house: HouseRules, database: Database) -> None:
    bare = replace(settings, stripe_webhook_secrets=())
    app = create_app(assembled(bare, house, database))
    body = json.dumps(event()).encode()
    answer = app.test_client().post(PATH, data=body, headers={"Stripe-Signature": header(body, "")})
    assert answer.status_code == 503
    assert untouched(database)


def test_either_secret_is_accepted_while_they_are_rotated(
    settings: Settings, house: HouseRules, database: Database
) -> None:
    two = replace(settings, stripe_webhook_secrets=("whsec_new", "whsec_old"))
    client = create_app(assembled(two, house, database)).test_client()
    for number, secret in enumerate(two.stripe_webhook_secrets):
        body = json.dumps(event(id=f"evt_{number}")).encode()
        assert client.post(PATH, data=body, headers={"Stripe-Signature": header(body, secret)}).status_code == 200


def test_a_new_event_is_kept_and_its_object_marked(send: Send, database: Database) -> None:
    assert send().status_code == 200
    with database.reading() as session:
        kept = session.get_one(StripeEvent, "evt_1")
        assert (kept.type, kept.object_id, kept.state, kept.source) == (
            "customer.subscription.updated",
            "sub_1",
            "queued",
            "webhook",
        )
        assert session.get_one(StripeSync, ("subscription", "sub_1")).requested_seq == 1
        assert session.scalars(select(Job.payload)).all() == [{"type": "subscription", "id": "sub_1"}]


def test_the_same_event_again_is_answered_alike_and_does_nothing(send: Send, database: Database) -> None:
    assert [send().status_code for _ in range(3)] == [200, 200, 200]
    assert (count(database, StripeEvent), count(database, Job)) == (1, 1)
    with database.reading() as session:
        assert session.get_one(StripeSync, ("subscription", "sub_1")).requested_seq == 1


def test_a_burst_about_one_object_leaves_one_job(send: Send, database: Database) -> None:
    for number in range(8):
        assert send(event(id=f"evt_{number}")).status_code == 200
    assert count(database, Job) == 1
    with database.reading() as session:
        assert session.get_one(StripeSync, ("subscription", "sub_1")).requested_seq == 8


INVOICE_NOW = {"id": "in_1", "object": "invoice", "parent": {"subscription_details": {"subscription": "sub_1"}}}


@pytest.mark.parametrize(
    ("kind", "subject", "marked"),
    [
        ("checkout.session.completed", {"id": "cs_1"}, ("checkout.session", "cs_1")),
        ("invoice.paid", INVOICE_NOW, ("subscription", "sub_1")),
        ("invoice.payment_failed", {"id": "in_1", "subscription": "sub_1"}, ("subscription", "sub_1")),
        ("customer.deleted", {"id": "cus_1"}, ("customer", "cus_1")),
    ],
)
def test_an_event_marks_what_it_is_about(
    send: Send, database: Database, kind: str, subject: dict[str, Any], marked: tuple[str, str]
) -> None:
    assert send(event(type=kind, data={"object": subject})).status_code == 200
    with database.reading() as session:
        assert session.get_one(StripeSync, marked).requested_seq == 1


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"livemode": True}, "ignored_mode"),
        ({"account": "acct_other"}, "ignored_account"),
        ({"type": "radar.something_new"}, "ignored_type"),
        ({"type": "invoice.paid", "data": {"object": {"id": "in_1"}}}, "ignored_type"),
    ],
)
def test_what_is_not_for_us_is_recorded_and_nothing_follows(
    send: Send, database: Database, values: dict[str, Any], state: str
) -> None:
    assert send(event(**values)).status_code == 200
    with database.reading() as session:
        assert session.get_one(StripeEvent, "evt_1").state == state
    assert count(database, Job) == 0


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe",
        b'{"id": "evt_1"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        json.dumps(event(id=None)).encode(),
        json.dumps(event(id="evt_\x00")).encode(),
        json.dumps(event(id="\ud800")).encode(),
        json.dumps(event(id="x" * 300)).encode(),
        json.dumps(event(created=10**30)).encode(),
        json.dumps(event(created=10**17)).encode(),
        json.dumps(event(created="9999-12-31T23:59:59-23:59")).encode(),
        json.dumps(event(livemode="no")).encode(),
        json.dumps(event(data={"object": [1]})).encode(),
        json.dumps(event(data={"object": {"id": 5}})).encode(),
    ],
)
def test_signed_but_no_event_is_refused(send: Send, database: Database, body: bytes) -> None:
    assert send(body).status_code == 400
    assert untouched(database)


def test_a_body_over_the_limit_is_refused_before_it_is_read(app: Flask, database: Database) -> None:
    class Unread:
        def read(self, *_size: int) -> bytes:
            raise AssertionError("the body was read")

    environ = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(LIMIT + 1)}
    answer = app.test_client().post(PATH, environ_overrides=environ)
    assert answer.status_code == 413
    assert untouched(database)


def test_a_body_of_exactly_the_limit_is_judged(send: Send) -> None:
    body = json.dumps(event()).encode()
    assert send(body + b" " * (LIMIT - len(body))).status_code == 200
    assert send(b" " * (LIMIT + 1)).status_code == 413


def test_a_body_of_unknown_length_is_read_up_to_the_limit(app: Flask) -> None:
    def post(body: bytes, terminated: bool) -> int:
        environ = {
            "wsgi.input": BytesIO(body),
            "wsgi.input_terminated": terminated,
            "HTTP_TRANSFER_ENCODING": "chunked",
        }
        return app.test_client().post(PATH, environ_overrides=environ).status_code

    assert post(b"x" * (LIMIT + 1), True) == 413
    assert post(b"x", True) == 400
    assert post(b"x", False) == 411


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post_is_a_delivery(client: FlaskClient, method: str) -> None:
    assert client.open(PATH, method=method).status_code == 405


def test_stripe_follows_no_redirect_so_a_slash_at_the_end_is_no_matter(client: FlaskClient, settings: Settings) -> None:
    body = json.dumps(event()).encode()
    signature = header(body, settings.stripe_webhook_secrets[0])
    assert client.post(f"{PATH}/", data=body, headers={"Stripe-Signature": signature}).status_code == 200


@pytest.mark.parametrize("url", ["sqlite:////dev", "postgresql://nobody@127.0.0.1:9/nowhere"])
def test_without_a_database_it_is_a_503_so_that_stripe_comes_again(
    settings: Settings, house: HouseRules, url: str
) -> None:
    app = create_app(assembled(settings, house, Database(url)))
    body = json.dumps(event()).encode()
    signature = header(body, settings.stripe_webhook_secrets[0])
    assert app.test_client().post(PATH, data=body, headers={"Stripe-Signature": signature}).status_code == 503


def test_stripe_is_never_told_to_slow_down(settings: Settings, house: HouseRules, database: Database) -> None:
    strict = HouseRules(house.at({"limits": {"requests_per_minute": 2}}))
    client = create_app(assembled(settings, strict, database)).test_client()
    for number in range(6):
        body = json.dumps(event(id=f"evt_{number}")).encode()
        signature = header(body, settings.stripe_webhook_secrets[0])
        assert client.post(PATH, data=body, headers={"Stripe-Signature": signature}).status_code == 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
nearly_events = st.fixed_dictionaries(
    {},
    optional={
        "id": st.just("evt_1") | json_values,
        "type": st.sampled_from(["customer.subscription.updated", "invoice.paid", "customer.deleted"]) | json_values,
        "livemode": st.booleans() | json_values,
        "created": st.integers() | json_values,
        "account": st.none() | json_values,
        "data": st.fixed_dictionaries({"object": json_values | st.fixed_dictionaries({"id": json_values})})
        | json_values,
    },
)
bodies = st.binary(min_size=1, max_size=200) | (nearly_events | json_values).map(
    lambda value: json.dumps(value).encode()
)


@searching(max_examples=150)
@given(body=bodies, genuine=st.booleans(), garbage=st.text(st.characters(max_codepoint=255), max_size=60))
def test_whatever_comes_is_answered_in_kind(
    client: FlaskClient, settings: Settings, body: bytes, genuine: bool, garbage: str
) -> None:
    garbage = garbage.replace("\r", "").replace("\n", "")
    signature = header(body, settings.stripe_webhook_secrets[0]) if genuine else garbage
    answer = client.post(PATH, data=body, headers={"Stripe-Signature": signature})
    assert answer.status_code in ({200, 400} if genuine else {400})
