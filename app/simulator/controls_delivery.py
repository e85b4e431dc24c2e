"""Controls for what happens on the way: the knobs, the courier's clock, the signing secrets, and what was counted."""

from flask import Blueprint, Response, abort, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.simulator import knobs, webhooks
from app.simulator.context import change, simulator
from app.simulator.present import led_back
from app.simulator.store import Store, new_id

blueprint = Blueprint("controls_delivery", __name__, url_prefix="/_sim")


@blueprint.get("/knobs")
def show_knobs() -> Response:
    store = simulator().store
    return jsonify({name: store.knob(name) for name in knobs.ALL})


@blueprint.post("/knobs")
def turn_knobs() -> AnyResponse:
    """Any of the knobs by name, each a whole number."""
    wanted = {name: _number(name, knob.most) for name, knob in knobs.ALL.items() if name in request.form}

    def turn(store: Store) -> None:
        for name, value in wanted.items():
            store.turn(name, value)
        if wanted.get("disabled"):
            webhooks.disable(store)

    change(turn)
    return _done()


@blueprint.post("/knobs/reset")
def reset_knobs() -> AnyResponse:
    """All is well again."""

    def reset(store: Store) -> None:
        for name in knobs.ALL:
            store.turn(name, 0)

    change(reset)
    return _done()


@blueprint.post("/clock/advance")
def advance_clock() -> AnyResponse:
    """Put the courier's clock forward by `seconds`: what would be tried again by then is tried now."""
    seconds = _number("seconds", 10 * 365 * 24 * 3600)
    change(lambda store: store.turn(webhooks.AHEAD, store.knob(webhooks.AHEAD) + seconds))
    return _done()


@blueprint.post("/secrets/roll")
def roll_secret() -> AnyResponse:
    """From now on a new `secret` signs, and those before it sign too, until they are retired."""
    secret = request.form.get("secret") or new_id("whsec")
    simulator().courier.secrets.insert(0, secret)
    return led_back({"secret": secret})


@blueprint.post("/secrets/retire")
def retire_secrets() -> AnyResponse:
    """Only the newest secret signs."""
    del simulator().courier.secrets[1:]
    return _done()


@blueprint.get("/requests")
def show_requests() -> Response:
    return jsonify(simulator().traffic.figures())


@blueprint.post("/requests/forget")
def forget_requests() -> AnyResponse:
    simulator().traffic.forget()
    return _done()


@blueprint.post("/events/forget")
def forget_events() -> AnyResponse:
    """Time took all events but the newest `keep`."""
    keep = _number("keep", 1_000_000)
    change(lambda store: store.forget_but("event", keep))
    return _done()


def _number(name: str, most: int) -> int:
    value = request.form.get(name, type=int)
    return value if value is not None and 0 <= value <= most else abort(400)


def _done() -> AnyResponse:
    return redirect(url_for("controls.overview"), 303)
