"""The part of Stripe's API that the newspaper calls, in the shape of 2026-10-28.endive."""

from flask import Blueprint, Response, request

from app.simulator import (
    api_catalog,
    api_customers,
    api_methods,
    api_money,
    api_sessions,
    api_subscriptions,
    faults,
    listings,
    parameters,
)
from app.simulator.calls import RequestRefused, body, missing, refused
from app.simulator.store import NoSuchObject

METHODS = ["GET", "POST", "DELETE"]
PARTS = (api_catalog, api_customers, api_methods, api_money, api_sessions, api_subscriptions, listings)
blueprint = Blueprint("api", __name__, url_prefix="/v1")
blueprint.register_error_handler(RequestRefused, refused)
blueprint.register_error_handler(NoSuchObject, missing)


@blueprint.before_request
def require_a_test_key() -> None:
    key = request.authorization.token if request.authorization else None
    if not key or not key.startswith(("sk_test_", "rk_test_")):
        raise RequestRefused("Invalid API Key provided.", status=401)


for part in (faults, *PARTS):
    part.register(blueprint)


@blueprint.before_request
def refuse_unknown_parameters() -> None:
    if request.endpoint != "api.unknown" and (
        name := parameters.unknown(f"{request.method} {request.url_rule}", body())
    ):
        raise RequestRefused(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


@blueprint.route("/<path:address>", methods=METHODS)
def unknown(address: str) -> Response:
    raise RequestRefused(f"Unrecognized request URL ({request.method}: /v1/{address}).", status=404)
