"""A log line and a measurement for every request: route, status and time, never what was sent or by whom."""

import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from app import ids

log = structlog.get_logger()
REQUESTS = Counter("btl_requests_total", "Answered requests", ("route", "method", "status"))
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
# no route of ours, or none that anybody has looked for
UNROUTED = "-"
REQUEST_SECONDS = Histogram("btl_request_seconds", "Time to answer", ("route",))


def install(app: Flask) -> None:
    """Observe every request of `app`."""
    app.before_request(_begin)
    app.after_request(_end)


def count_unrouted(method: str, status: int) -> None:
    """Count an answer that the front gave, before anybody knew the route."""
    REQUESTS.labels(UNROUTED, _method(method), status).inc()


def _begin() -> None:
    g.began = time.perf_counter()
    g.request_id = format(ids.new_id(), "x")


def _end(response: Response) -> Response:
    route = str(request.url_rule) if request.url_rule else UNROUTED
    method = _method(request.method)
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    REQUESTS.labels(route, method, response.status_code).inc()
    REQUEST_SECONDS.labels(route).observe(seconds)
    response.headers["X-Request-Id"] = g.get("request_id", "")
    log.info(
        "request",
        route=route,
        method=method,
        status=response.status_code,
        problem=g.get("problem"),
        milliseconds=round(seconds * 1000, 1),
        request=g.get("request_id"),
    )
    return response


def _method(given: str) -> str:
    """A client may call its method anything, a reader's name or a new one each time."""
    return given if given in METHODS else "other"
