"""The WSGI application, for gunicorn or any other server behind a proxy that buffers requests: `wsgi:app`."""

from flask import Flask

from app import log
from app.serving import build
from config.settings import Settings


def __getattr__(name: str) -> Flask:
    """Build `app` when a server asks for it, so that importing this module needs no environment."""
    if name != "app":
        raise AttributeError(name)
    log.configure()
    globals()["app"] = application = build(Settings.from_env())
    return application
