"""Controls for what befalls a payment: it is disputed or thought fraudulent, a refund fails, a card is reissued."""

from collections.abc import Callable

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from app.simulator import cards, checkouts, disputes, entitlements, fraud_warnings, lifecycle, methods, refunds, shapes
from app.simulator.context import change
from app.simulator.present import led_back
from app.simulator.store import Object, Store

blueprint = Blueprint("controls_money", __name__, url_prefix="/_sim")


@blueprint.post("/charges/<identifier>/dispute")
def open_dispute(identifier: str) -> Response:
    """`status` (needs_response) and `reason` (fraudulent)."""
    status = _status("needs_response")
    reason = request.form.get("reason", "fraudulent")
    return _act(lambda store: disputes.dispute(store, store.get("charge", identifier), status, reason))


@blueprint.post("/disputes/<identifier>/move")
def move_dispute(identifier: str) -> Response:
    """`status`: won, lost, warning_closed, under_review..."""
    status = _status("won")
    return _act(lambda store: disputes.move(store, store.get("dispute", identifier), status))


@blueprint.post("/charges/<identifier>/end_disputes")
def end_disputes(identifier: str) -> Response:
    """All of the charge's disputes move to `status`."""
    status = _status("won")

    def end(store: Store) -> Object:
        for each in store.find("dispute", {"charge": identifier}):
            disputes.move(store, each, status)
        return store.get("charge", identifier)

    return _act(end)


@blueprint.post("/charges/<identifier>/refund")
def refund_charge(identifier: str) -> Response:
    """`amount`, or all that is left."""

    def refund(store: Store) -> Object:
        charge = store.get("charge", identifier)
        left = charge["amount"] - charge["amount_refunded"]
        amount = min(request.form.get("amount", left, type=int), left)
        return refunds.refund(store, charge, amount, "requested_by_customer", {}) if amount > 0 else charge

    return _act(refund)


@blueprint.post("/charges/<identifier>/warn")
def warn(identifier: str) -> Response:
    """`fraud_type` (misc)."""
    fraud_type = request.form.get("fraud_type", "misc")
    return _act(lambda store: fraud_warnings.warn(store, store.get("charge", identifier), fraud_type))


@blueprint.post("/refunds/<identifier>/fail")
def fail_refund(identifier: str) -> Response:
    return _act(lambda store: refunds.fail(store, store.get("refund", identifier)))


@blueprint.post("/customers/<identifier>/methods")
def give_method(identifier: str) -> Response:
    """A payment method of a `type`, with the fields of that type, attached and made the default."""
    kind, given = request.form.get("type", "card"), request.form.to_dict()

    def give(store: Store) -> Object:
        customer = store.get("customer", identifier)
        billing = {"email": customer["email"], "name": given.get("name", customer["name"])}
        if kind == "card":
            method = methods.from_card(cards.digits(given["number"]), billing)
        else:
            method = methods.from_details(kind, given, billing)
        methods.attach(store, method, identifier)
        methods.make_default(store, customer, method)
        return method

    return _act(give)


@blueprint.post("/methods/<identifier>/reissue")
def reissue(identifier: str) -> Response:
    """The network sends a new `number` for the card."""
    number = cards.digits(request.form.get("number", "")) or abort(400)
    return _act(lambda store: methods.reissue(store, store.get("payment_method", identifier), number))


@blueprint.post("/intents/<identifier>/<any(authenticate, refuse):verb>")
def answer_bank(identifier: str, verb: str) -> Response:
    """The holder of the card answers their bank."""
    answer = lifecycle.authenticated if verb == "authenticate" else lifecycle.refused

    def act(store: Store) -> Object:
        intent = store.get("payment_intent", identifier)
        answer(store, intent)
        return store.get("payment_intent", identifier)

    return _act(act)


@blueprint.post("/products/<identifier>/features")
def add_feature(identifier: str) -> Response:
    """A feature of a `lookup_key`, for all who pay for the product."""
    return _act(lambda store: entitlements.add_feature(store, identifier, request.form["lookup_key"]))


@blueprint.post("/checkouts/<identifier>/<any(expire, async_payment_succeeded, async_payment_failed):what>")
def end_checkout(identifier: str, what: str) -> Response:
    def end(store: Store) -> Object:
        session = store.get("checkout.session", identifier)
        if what == "expire":
            return checkouts.expire(store, session)
        checkouts.settle(store, session, paid=what == "async_payment_succeeded")
        return session

    return _act(end)


def _status(default: str) -> str:
    status = request.form.get("status", default)
    return status if status in disputes.STATUSES else abort(400)


def _act(action: Callable[[Store], Object]) -> Response:
    return led_back(shapes.public(change(action)))
