"""The application as the tests serve it."""

from flask import Flask

from app.installation import Installation
from app.limiter import Limiter
from app.perspective.usage import Usage
from app.web import limits
from app.web.application import create_app
from app.web.integrations import perspective
from app.web.services import EXTENSION
from tests.support import told

# by what of the settings makes a difference to Flask: building the routes takes longer than most tests
_built: dict[tuple[str, str, bool, int], Flask] = {}


class WrittenWhenAsked(Usage):
    """Writes nothing later, when the test and its database are gone."""

    def _write_later(self) -> None:
        return None


def application(it: Installation, name: str) -> Flask:
    """The application of an installation, for one test at a time; by another name it is another one."""
    settings = it.settings
    alike = name, settings.secret_key, settings.secure, settings.proxies
    if alike not in _built:
        _built[alike] = create_app(it)
        told.listen(_built[alike])
    flask = _built[alike]
    flask.extensions[EXTENSION] = it
    flask.extensions[limits.EXTENSION] = Limiter(settings.limits_url)
    flask.extensions[perspective.EXTENSION] = WrittenWhenAsked(it.database, settings.zone)
    flask.testing = False  # errors become answers, as for a reader
    return flask
