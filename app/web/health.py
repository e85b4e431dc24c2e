"""For those who run it: alive, ready, measured."""

import hmac

from flask import Response, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import DBAPIError

from app.accounts.identity import Identity
from app.errors import Refusal, Unready
from app.language import mark
from app.web import exposition
from app.web.endpoint import operation
from app.web.services import services
from migrations import upgrade


class MetricsTokenRequired(Refusal):
    """401: the operator's own programs show BTL_METRICS_TOKEN."""

    status = 401
    code = "metrics_token_required"
    sentence = mark("The metrics are for those who run this: set BTL_METRICS_TOKEN, and ask with it as a Bearer token.")


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
    """Prometheus metrics: requests of the web's processes, and what waits for the workers and for the moderators.

    They tell how many readers, reports and payments there are, so in production they are for who has the token.
    """
    settings = services().settings
    given = request.headers.get("Authorization", "").encode()
    if settings.metrics_token:
        if not hmac.compare_digest(given, f"Bearer {settings.metrics_token}".encode()):
            raise MetricsTokenRequired
    elif settings.environment == "production":
        raise MetricsTokenRequired
    return Response(exposition.text(services().database), content_type=CONTENT_TYPE_LATEST)
