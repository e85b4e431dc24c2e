"""The WSGI application, for granian, gunicorn or any other server: `wsgi:app`."""

from typing import Any

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from app import installation, log
from app.installation import Installation
from app.web.application import create_app
from config.settings import Settings


def build(settings: Settings) -> Flask:
    """The application of an installation; raises BadSetting or BadPolicy with the name and the reason."""
    it = installation.of(settings)
    it.load_scorer()  # or whoever writes first would wait for it
    flask = create_app(it)
    if settings.environment == "demo" and settings.stripe_mode == "simulator":
        flask.wsgi_app = DispatcherMiddleware(flask.wsgi_app, _surroundings(it))  # type: ignore[method-assign]
    return flask


def _surroundings(it: Installation) -> dict[str, Any]:
    """What lies around the comments in a demo: the paper's own pages, and a stand-in for Stripe."""
    from app.demo import gazette

    articles = gazette.create_gazette(it.database, it.house)
    return {gazette.PATH: articles, "/simulator": _simulator(it.settings)}


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
