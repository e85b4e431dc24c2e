"""The application as the tests serve it."""

from flask import Flask

from app.web import limits
from app.web.application import create_app
from app.web.services import EXTENSION, Services

# by what of the settings makes a difference to Flask: building the routes takes longer than most tests
_built: dict[tuple[str, str, bool, int], Flask] = {}


def application(services: Services, name: str) -> Flask:
    """The application with these services, for one test at a time; by another name it is another one."""
    settings = services.settings
    alike = name, settings.secret_key, settings.secure, settings.proxies
    if alike not in _built:
        _built[alike] = create_app(services)
    flask = _built[alike]
    flask.extensions[EXTENSION] = services
    flask.extensions[limits.EXTENSION] = limits.limiter(settings.limits_url)
    flask.testing = False  # errors become answers, as for a reader
    return flask
