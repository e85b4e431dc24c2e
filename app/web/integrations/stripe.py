"""Where Stripe tells us that something happened. Answers only 200, 400, 411, 413 and 503.

A 200 is given after the commit, so what Stripe was thanked for cannot be lost. The body is capped before it is read
and judged on its raw bytes; nothing of it is echoed. Stripe follows no redirect and has no session.
"""

import structlog
from flask import Response, request
from prometheus_client import Counter

from app import clock
from app.accounts.identity import Identity
from app.billing import inbox
from app.errors import TooLarge
from app.gateway import events, signature
from app.gateway.signature import SignatureCheck
from app.web import forms
from app.web.endpoint import Audience, foreign
from app.web.services import services

LARGEST_BODY_BYTES = 256 * 1024
EVENTS = Counter("btl_stripe_events", "Webhooks by what became of them", ["outcome"])
log = structlog.get_logger()


@foreign("POST", "/stripe/webhook", "operate", Audience.WEBHOOK)
def receive_event(_caller: Identity) -> Response:
    """Keep the event and leave the work to a worker."""
    body = _read()
    if isinstance(body, Response):
        return body
    settings = services().settings
    header = request.headers.get("Stripe-Signature")
    check = signature.verify(body, header, settings.stripe_webhook_secrets, clock.now())
    if check is SignatureCheck.NOT_CONFIGURED:
        log.error("a webhook came and no secret is set")
        return _answer(503, check)
    if check is not SignatureCheck.VERIFIED:
        return _answer(400, check)
    try:
        event = events.parse(body)
    except events.NotAnEvent as error:
        log.error("signed, yet no event", error=str(error))
        return _answer(400, "not_an_event")
    with services().database.transaction() as session:
        outcome = inbox.receive(session, event, body, live=settings.stripe_mode == "live")
    return _answer(200, outcome)


def _read() -> bytes | Response:
    """The raw body; a Response where there is none to be had within the limit."""
    if request.content_length is None and not request.environ.get("wsgi.input_terminated"):
        return _answer(411, "no_length")
    try:
        forms.limit_body(LARGEST_BODY_BYTES)
    except TooLarge:
        return _answer(413, "too_large")
    return request.get_data()


def _answer(status: int, outcome: str) -> Response:
    EVENTS.labels(outcome=str(outcome)).inc()
    return Response("ok\n" if status == 200 else "no\n", status, mimetype="text/plain")
