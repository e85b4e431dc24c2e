"""For those who run it: alive, ready, measured."""

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import DBAPIError

from app.accounts.identity import Identity
from app.errors import Unready
from app.web import exposition
from app.web.endpoint import operation
from app.web.services import services
from migrations import upgrade


@operation("/healthz")
def alive(_caller: Identity) -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@operation("/readyz")
def ready(_caller: Identity) -> Response:
    """The process can do its work: the database answers and has the newest schema."""
    try:
        behind = upgrade.missing(services().database)
    except DBAPIError as error:
        raise Unready("database_unavailable") from error
    if behind:
        raise Unready("migrations_missing")
    return Response("ready\n", mimetype="text/plain")


@operation("/metrics")
def metrics(_caller: Identity) -> Response:
    """Prometheus metrics: requests of the web's processes, and what waits for the workers and for the moderators."""
    return Response(exposition.text(services().database), content_type=CONTENT_TYPE_LATEST)
