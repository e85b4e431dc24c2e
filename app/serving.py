"""The whole web as it is served: the application with what lies around it, and the front before it."""

import re
from collections.abc import Iterable

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import installation
from app.front.front import Front
from app.front.lane import Lane
from app.installation import Installation
from app.perspective import batch
from app.perspective.usage import Usage
from app.web import forms, metrics
from app.web.application import create_app
from app.web.endpoint import EXTENSION, Audience, Endpoint
from app.web.integrations import perspective, perspective_batch, stripe
from app.web.services import EXTENSION as SERVICES
from config.settings import Settings

LIVENESS = "GET /healthz"
BATCHES = f"POST {perspective_batch.PATH}"
# with a kind of its own, such as the key of a story, it may have slashes
_PART = re.compile(r"<(\w+:)?\w+>")


def build(settings: Settings) -> Flask:
    """The application of an installation; raises BadSetting or BadPolicy with the name and the reason."""
    it = installation.of(settings)
    it.load_scorer()  # or whoever writes first would wait for it
    flask = create_app(it)
    if settings.environment == "demo" and settings.stripe_mode == "simulator":
        flask.wsgi_app = DispatcherMiddleware(flask.wsgi_app, {"/simulator": _simulator(settings)})  # type: ignore[method-assign]
    return flask


def front(settings: Settings, threads: int) -> Front:
    """The application of an installation behind its front, with so many threads for what readers ask."""
    flask = build(settings)
    counting: Usage = flask.extensions[perspective.EXTENSION]
    it: Installation = flask.extensions[SERVICES]
    before = lanes(flask, threads), settings.proxies
    return Front(flask.wsgi_app, *before, metrics.count_unrouted, counting.write, it.house.language)


def lanes(flask: Flask, threads: int) -> list[Lane]:
    """What readers ask in great numbers keeps nobody from the desk, from Stripe's events, or from whether we live."""
    declared: list[Endpoint] = list(flask.extensions[EXTENSION].values())

    def asked(audience: Audience) -> str:
        return _pattern(endpoint for endpoint in declared if endpoint.audience is audience)

    programs = perspective.LARGEST_BODY_BYTES
    usual, few = forms.LARGEST_BODY_BYTES, max(1, threads // 2)
    return [
        # apart from readiness, which asks the database
        Lane("liveness", LIVENESS, threads=1, largest=0),
        Lane("operation", asked(Audience.OPERATION), threads=1, largest=0),
        Lane("webhook", asked(Audience.WEBHOOK), threads=2, largest=stripe.LARGEST_BODY_BYTES),
        # a whole one takes as long as many calls, for which other calls do not wait
        Lane("batches", BATCHES, threads=2, largest=batch.MOST_BYTES, caller=perspective.caller),
        Lane("google", asked(Audience.GOOGLE), threads=few, largest=programs, caller=perspective.caller),
        Lane("desk", _pattern(filter(_of_the_desk, declared)), threads=2, largest=usual),
        Lane("readers", ".*", threads=threads, largest=usual),
    ]


def _of_the_desk(endpoint: Endpoint) -> bool:
    return endpoint.name.startswith("desk.")


def _pattern(endpoints: Iterable[Endpoint]) -> str:
    """What asks for one of them, as a lane has it."""
    return "|".join(f"{endpoint.method} {_address(endpoint.path)}" for endpoint in endpoints)


def _address(path: str) -> str:
    return _PART.sub(lambda part: ".+" if part[1] else "[^/]+", re.escape(path))


def _simulator(settings: Settings) -> Flask:
    """On the same address, so that the demo subscribes and cancels through real webhooks."""
    from app.simulator import create_simulator

    return create_simulator(
        settings.var / "stripe.db",
        f"{settings.public_url}/stripe/webhook",
        settings.stripe_webhook_secrets[0],
        f"{settings.public_url}/simulator",
        mode=settings.stripe_mode,
    )
