"""What no Stripe offers: let time pass for one subscription, lose webhooks, send one again. For demos and tests."""

from collections.abc import Callable

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.simulator import lifecycle
from app.simulator.context import change, simulator
from app.simulator.store import NoSuchObject, Object, Store
from app.simulator.webhooks import DROP, deliver
from config.settings import SIMULATED_PRICE

blueprint = Blueprint("controls", __name__, url_prefix="/_sim")

ACTIONS: dict[str, Callable[[Store, Object], None]] = {
    "renew": lifecycle.advance,
    "fail": lambda store, subscription: lifecycle.advance(store, subscription, payment="fails"),
    "lapse": lifecycle.lapse,
    "cancel": lifecycle.cancel,
    "pay": lifecycle.pay_open_invoices,
    "unpaid": lifecycle.leave_unpaid,
    "expire": lifecycle.expire,
    "pause": lifecycle.pause,
    "resume": lifecycle.resume,
    "trial_will_end": lifecycle.announce_trial_end,
}


@blueprint.errorhandler(NoSuchObject)
def missing(_error: NoSuchObject) -> tuple[str, int]:
    return render_template("message.html", message="There is no such object."), 404


@blueprint.get("")
def overview() -> str:
    store = simulator().store
    deliveries = store.rows("SELECT * FROM deliveries ORDER BY id DESC LIMIT 50")
    return render_template(
        "controls.html",
        subscriptions=store.find("subscription", limit=50),
        customers={customer["id"]: customer.get("email") for customer in store.find("customer", limit=1000)},
        events={event["id"]: event["type"] for event in store.find("event", limit=200)},
        deliveries=deliveries,
        dropping=store.knob(DROP),
    )


@blueprint.post("/subscriptions")
def subscribe() -> Response:
    """A subscription for `customer`, without the page: form fields customer and account_id. Paid, or with
    `trial_days` not yet.
    """
    metadata = {"account_id": request.form["account_id"]} if "account_id" in request.form else {}

    def create(store: Store) -> Object:
        customer = store.get("customer", request.form.get("customer", ""))
        if days := request.form.get("trial_days", 0, type=int):
            return lifecycle.begin_trial(store, customer["id"], SIMULATED_PRICE, metadata, days)
        return lifecycle.create_subscription(store, customer["id"], SIMULATED_PRICE, metadata)

    return jsonify(change(create))


@blueprint.post("/subscriptions/<identifier>/<action>")
def act(identifier: str, action: str) -> Response:
    """One of ACTIONS; renew and fail move the subscription to the end of its period."""
    verb = ACTIONS.get(action) or abort(404)
    change(lambda store: verb(store, store.get("subscription", identifier)))
    return _done()


@blueprint.post("/subscriptions/<identifier>/pass")
def let_time_pass(identifier: str) -> Response:
    """`days` go by for this subscription alone."""
    days = request.form.get("days", type=float)
    if days is None or not 0 <= days <= 3660:
        abort(400)
    seconds = int(days * 24 * 3600)
    change(lambda store: lifecycle.advance(store, store.get("subscription", identifier), seconds=seconds))
    return _done()


@blueprint.post("/events/<identifier>/deliver")
def deliver_again(identifier: str) -> Response:
    change(lambda store: deliver(store, store.get("event", identifier)["id"]))
    return _done()


@blueprint.post("/deliveries/drop")
def drop_next() -> Response:
    """The next `count` webhooks are lost."""
    count = request.form.get("count", type=int)
    if count is None or not 0 <= count <= 1_000_000:
        abort(400)
    change(lambda store: store.turn(DROP, count))
    return _done()


def _done() -> Response:
    return redirect(url_for("controls.overview"), 303)
