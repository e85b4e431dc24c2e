"""For those who run it: alive, ready, measured."""

from flask import Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from sqlalchemy.exc import DBAPIError

from app.accounts.identity import Identity
from app.db import Database
from app.errors import Unready
from app.jobs import queue as jobs
from app.reconcile import gauges as stripe
from app.review_queue import listing as items
from app.screening import second_opinion
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
    """Prometheus metrics: requests of this process, and what waits for the workers and for the moderators."""
    measured = generate_latest(REGISTRY).decode() + _waiting(services().database)
    return Response(measured, content_type=CONTENT_TYPE_LATEST)


def _waiting(database: Database) -> str:
    with database.reading() as session:
        gauges = {
            "jobs": jobs.gauges(session),
            "items": items.gauges(session),
            "stripe": stripe.read(session),
            "second_opinions": second_opinion.gauges(session),
        }
    lines = {f"btl_{what}_{name}": value for what, found in gauges.items() for name, value in found.items()}
    return "".join(f"# TYPE {name} gauge\n{name} {value}\n" for name, value in lines.items())
