"""The one call of the second API: a thin event by its id."""

from flask import Blueprint, Response, jsonify

from app.simulator import api, notifications
from app.simulator.calls import RequestRefused, missing, refused
from app.simulator.context import simulator
from app.simulator.store import NoSuchObject

blueprint = Blueprint("api_events", __name__, url_prefix="/v2/core")
blueprint.before_request(api.require_a_test_key)
blueprint.register_error_handler(RequestRefused, refused)
blueprint.register_error_handler(NoSuchObject, missing)


@blueprint.get("/events/<identifier>")
def retrieve_event(identifier: str) -> Response:
    event = simulator().store.get("event", notifications.snapshot_id(identifier))
    return jsonify(notifications.thin(event))
