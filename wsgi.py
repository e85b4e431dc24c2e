"""The WSGI application, for granian, gunicorn or any other server: `wsgi:app`."""

from flask import Flask

from app import log, toxicity
from app.db import Database
from app.web.application import create_app
from app.web.services import Services
from config import policy
from config.settings import Settings


def build(settings: Settings) -> Flask:
    """The application of an installation; raises BadSetting or BadPolicy with the name and the reason."""
    return create_app(
        Services(
            settings=settings,
            policy=policy.load(settings.policy),
            database=Database(settings.database_url),
            scorer=toxicity.load(settings.scorer),
        )
    )


def __getattr__(name: str) -> Flask:
    """Build `app` when a server asks for it, so that importing this module for `build` needs no environment."""
    if name != "app":
        raise AttributeError(name)
    log.configure()
    globals()["app"] = application = build(Settings.from_env())
    return application
