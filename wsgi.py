"""The WSGI application, for granian, gunicorn or any other server: `wsgi:app`."""

from typing import Any

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import log, toxicity
from app.db import Database
from app.web.application import create_app
from app.web.services import Services
from config import policy
from config.settings import Settings


def build(settings: Settings) -> Flask:
    """The application of an installation; raises BadSetting or BadPolicy with the name and the reason."""
    services = Services(
        settings=settings,
        house=policy.load(settings.policy),
        database=Database(settings.database_url),
        scorer=toxicity.load(settings.scorer, settings.scorer_files),
    )
    flask = create_app(services)
    if settings.environment == "demo" and settings.stripe_mode == "simulator":
        flask.wsgi_app = DispatcherMiddleware(flask.wsgi_app, _surroundings(services))  # type: ignore[method-assign]
    return flask


def _surroundings(services: Services) -> dict[str, Any]:
    """What lies around the comments in a demo: the paper's own pages, and a stand-in for Stripe."""
    from app.demo import gazette

    articles = gazette.create_gazette(services.database, services.house)
    return {gazette.PATH: articles, "/simulator": _simulator(services.settings)}


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


def __getattr__(name: str) -> Flask:
    """Build `app` when a server asks for it, so that importing this module for `build` needs no environment."""
    if name != "app":
        raise AttributeError(name)
    log.configure()
    globals()["app"] = application = build(Settings.from_env())
    return application
