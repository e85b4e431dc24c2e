"""The pages that Stripe would host: Checkout, where a card is typed, and the Portal, where a reader cancels."""

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.simulator import lifecycle
from app.simulator.context import change, simulator
from app.simulator.present import register_filters
from app.simulator.store import NoSuchObject, Object, Store

blueprint = Blueprint("pages", __name__)
register_filters(blueprint)

DECLINED_NUMBERS = {"4000000000000002", "4000000000009995"}


@blueprint.errorhandler(NoSuchObject)
def missing(_error: NoSuchObject) -> tuple[str, int]:
    return render_template("message.html", message="There is no such page, or it is no longer open."), 404


@blueprint.get("/pay/<identifier>")
def checkout(identifier: str) -> str:
    return _checkout_page(identifier)


@blueprint.post("/pay/<identifier>")
def pay(identifier: str) -> Response | str:
    session = simulator().store.get("checkout.session", identifier)
    if request.form.get("action") == "cancel":
        return redirect(session["cancel_url"] or "/", 303)
    number = "".join(filter(str.isdigit, request.form.get("number", "")))
    if request.form.get("action") == "decline" or number in DECLINED_NUMBERS or not number:
        return _checkout_page(identifier, error="Your card was declined. Try another one.")
    change(lambda store: _complete_once(store, identifier))
    return redirect((session["success_url"] or "/").replace("{CHECKOUT_SESSION_ID}", identifier), 303)


def _complete_once(store: Store, identifier: str) -> None:
    session = store.get("checkout.session", identifier)
    if session["status"] == "open":
        lifecycle.complete_checkout(store, session)


def _checkout_page(identifier: str, error: str | None = None) -> str:
    store = simulator().store
    session = store.get("checkout.session", identifier)
    price = store.get("price", session["_price"])
    return render_template(
        "checkout.html",
        session=session,
        price=price,
        product=store.get("product", price["product"]),
        customer=store.get("customer", session["customer"]),
        error=error,
    )


@blueprint.get("/portal/<identifier>")
def portal(identifier: str) -> str:
    store = simulator().store
    session = store.get("billing_portal.session", identifier)
    return render_template(
        "portal.html", session=session, subscriptions=store.find("subscription", {"customer": session["customer"]})
    )


PORTAL_ACTIONS: dict[str, Callable[[Store, Object], None]] = {
    "cancel_at_period_end": lambda store, subscription: lifecycle.schedule_end(store, subscription, by_time=True),
    "cancel_now": lifecycle.cancel,
    "resume": lifecycle.withdraw_end,
    "fail_payment": lambda store, subscription: lifecycle.advance(store, subscription, payment="fails"),
    "pay_now": lifecycle.pay_open_invoices,
}


@blueprint.post("/portal/<identifier>")
def manage(identifier: str) -> Response:
    action = PORTAL_ACTIONS.get(request.form.get("action", "")) or abort(400)

    def act(store: Store) -> None:
        session = store.get("billing_portal.session", identifier)
        subscription = store.get("subscription", request.form.get("subscription", ""))
        if subscription["customer"] != session["customer"]:
            abort(404)
        action(store, subscription)

    change(act)
    return redirect(url_for("pages.portal", identifier=identifier), 303)
