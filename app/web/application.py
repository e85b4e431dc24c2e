"""Puts the web together: `create_app(installation)` is the whole of it."""

import importlib
import pkgutil
from datetime import timedelta

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

import app.kinds
import app.web
from app.accounts import identity
from app.installation import Installation
from app.language import _, current, form
from app.sign_in import paper_keys
from app.web import context, forms, headers, limits, metrics, problems, rendering, routing, speaking
from app.web.desk import wording
from app.web.integrations import perspective
from app.web.services import EXTENSION


def create_app(installation: Installation) -> Flask:
    """The Flask application of one installation."""
    flask = Flask("app.web", static_url_path="/static")
    flask.extensions[EXTENSION] = installation
    flask.url_map.converters["key"] = StoryKey
    flask.url_map.merge_slashes = False  # it redirects to whatever host the request names
    settings = installation.settings
    flask.config.update(
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        SESSION_COOKIE_NAME=context.cookie_name(settings),
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=identity.ABSOLUTE_LIMIT,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        # a form of 64 fields is all that any page has; over the body limit of a route is refused by forms.limit_body
        MAX_FORM_PARTS=64,
    )
    flask.jinja_env.add_extension("jinja2.ext.i18n")
    flask.jinja_env.install_gettext_callables(_plain, form, newstyle=True)  # type: ignore[attr-defined]
    flask.jinja_env.globals["language"] = current
    if settings.proxies:
        flask.wsgi_app = ProxyFix(flask.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    for part in (speaking, metrics, forms, limits, headers, context, problems, rendering, wording, perspective):
        part.install(flask)
    if settings.sso_jwks:
        paper_keys.published_at(settings.sso_jwks).begin()  # so that nobody waits for them
    declare_routes()
    routing.install(flask)
    return flask


class StoryKey(BaseConverter):
    """A story's key in an address: whatever the paper calls it by, slashes included."""

    regex = ".+"
    part_isolating = False


def _plain(message: str) -> str:
    return _(message)


def declare_routes() -> None:
    """Import every resource, which declares its routes (endpoint.ENDPOINTS)."""
    for module in pkgutil.walk_packages(app.web.__path__, "app.web."):
        importlib.import_module(module.name)
