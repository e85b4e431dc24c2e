"""What no Stripe offers: let time pass for one subscription, lose webhooks, send one again. For demos and tests."""

from collections.abc import Callable, Iterable

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.simulator import knobs, lifecycle
from app.simulator.context import change, simulator
from app.simulator.lifecycle import SubscriptionOrder
from app.simulator.store import NoSuchObject, Object, Store
from app.simulator.webhooks import deliver
from config.settings import SIMULATED_PRICE

blueprint = Blueprint("controls", __name__, url_prefix="/_sim")

GROUPS = {"Webhooks": knobs.DELIVERY, "Calls": knobs.API}
ACTIONS: dict[str, Callable[[Store, Object], None]] = {
    "renew": lifecycle.advance,
    "fail": lambda store, subscription: lifecycle.advance(store, subscription, payment="fails"),
    "lapse": lifecycle.lapse,
    "cancel": lifecycle.cancel,
    "pay": lifecycle.pay_open_invoices,
    "debit_arrives": lambda store, subscription: lifecycle.settle_debit(store, subscription, arrives=True),
    "debit_bounces": lambda store, subscription: lifecycle.settle_debit(store, subscription, arrives=False),
    "bill_falls_due": lifecycle.fall_due,
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
    here = simulator()
    store = here.store
    subscriptions = store.find("subscription", limit=50)
    turned = {name: store.knob(name) for name in knobs.ALL}
    deliveries = store.rows("SELECT * FROM deliveries ORDER BY id DESC LIMIT 50")
    return render_template(
        "controls.html",
        subscriptions=subscriptions,
        customers=_named(store, (each["customer"] for each in subscriptions), "email"),
        charges={each["id"]: store.find("charge", {"customer": each["customer"]}, limit=3) for each in subscriptions},
        deliveries=deliveries,
        events=_named(store, (each["event_id"] for each in deliveries), "type"),
        knobs=GROUPS,
        turned=turned,
        busy={title for title, group in GROUPS.items() if any(turned[knob.name] for knob in group)},
        secrets=len(here.courier.secrets),
        traffic=here.traffic.figures(),
    )


def _named(store: Store, identifiers: Iterable[str], field: str) -> dict[str, str | None]:
    """What the objects of these ids have in a field."""
    return {each: store.by_id(each).get(field) for each in set(identifiers) if store.has(each)}


@blueprint.post("/subscriptions")
def subscribe() -> Response:
    """A subscription for `customer`, without the page: form fields customer and account_id. Paid, or with
    `trial_days` not yet.
    """
    metadata = {"account_id": request.form["account_id"]} if "account_id" in request.form else {}

    def create(store: Store) -> Object:
        customer = store.get("customer", request.form.get("customer", ""))
        order = SubscriptionOrder(customer["id"], SIMULATED_PRICE, metadata)
        if days := request.form.get("trial_days", 0, type=int):
            return lifecycle.begin_trial(store, order, days)
        return lifecycle.create_subscription(store, order)

    return jsonify(change(create))


@blueprint.post("/subscriptions/<identifier>/<action>")
def act(identifier: str, action: str) -> Response:
    """One of ACTIONS; renew and fail move the subscription to the end of its period."""
    verb = ACTIONS.get(action) or abort(404)
    change(lambda store: verb(store, store.get("subscription", identifier)))
    return _done(identifier)


@blueprint.post("/subscriptions/<identifier>/pass")
def let_time_pass(identifier: str) -> Response:
    """`days` go by for this subscription alone."""
    days = request.form.get("days", type=float)
    if days is None or not 0 <= days <= 3660:
        abort(400)
    seconds = int(days * 24 * 3600)
    change(lambda store: lifecycle.advance(store, store.get("subscription", identifier), seconds=seconds))
    return _done(identifier)


@blueprint.post("/events/<identifier>/deliver")
def deliver_again(identifier: str) -> Response:
    change(lambda store: deliver(store, store.get("event", identifier)["id"]))
    return _done()


def _done(at: str | None = None) -> Response:
    """Back, to where the subscription `at` lies open."""
    return redirect(url_for("controls.overview", _anchor=at), 303)
