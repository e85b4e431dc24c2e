"""The pages that Stripe would host: Checkout, the Portal, and the bank's question to a card's holder."""

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.simulator import cards, checkouts, discounts, lifecycle, methods, setups
from app.simulator.context import change, simulator
from app.simulator.present import register_filters
from app.simulator.store import NoSuchObject, Object, Store

blueprint = Blueprint("pages", __name__)
register_filters(blueprint)


@blueprint.errorhandler(NoSuchObject)
def missing(_error: NoSuchObject) -> tuple[str, int]:
    return render_template("message.html", message="There is no such page, or it is no longer open."), 404


@blueprint.get("/pay/<identifier>")
def checkout(identifier: str) -> str:
    return _checkout_page(identifier)


@blueprint.post("/pay/<identifier>")
def pay(identifier: str) -> Response | str:
    """`action` is pay, decline or cancel; `number` and `name` are on the card; `authenticated` its bank's word; `code`
    is a promotion code.
    """
    session = simulator().store.get("checkout.session", identifier)
    if request.form.get("action") == "cancel":
        return redirect(session["cancel_url"] or "/", 303)
    number = cards.digits(request.form.get("number", ""))
    if request.form.get("action") == "decline" or not number or number in cards.REFUSED | cards.FAILING:
        return _checkout_page(identifier, error="Your card was declined. Try another one.")
    if number in cards.AUTHENTICATED and "authenticated" not in request.form:
        return _checkout_page(identifier, asked=number)
    if (code := request.form.get("code", "").strip()) and not _code_of(simulator().store, session, code):
        return _checkout_page(identifier, error="This code is not valid.")
    change(lambda store: _complete_once(store, identifier, number, code))
    return redirect((session["success_url"] or "/").replace("{CHECKOUT_SESSION_ID}", identifier), 303)


def _code_of(store: Store, session: Object, code: str) -> Object | None:
    return discounts.find_code(store, code) if session["allow_promotion_codes"] else None


def _complete_once(store: Store, identifier: str, number: str, code: str) -> None:
    session = store.get("checkout.session", identifier)
    if session["status"] == "open":
        customer = store.get("customer", session["customer"])
        checkouts.complete(store, session, _typed_card(customer, number), _code_of(store, session, code))


def _typed_card(customer: Object, number: str) -> Object:
    name = request.form.get("name", "").strip() or customer["name"]
    return methods.from_card(number, {"email": customer["email"], "name": name})


def _checkout_page(identifier: str, error: str | None = None, asked: str | None = None) -> str:
    store = simulator().store
    session = store.get("checkout.session", identifier)
    price = store.get("price", session["_price"]) if session["_price"] else None
    return render_template(
        "checkout.html",
        session=session,
        price=price,
        product=store.get("product", price["product"]) if price else None,
        customer=store.get("customer", session["customer"]),
        error=error,
        asked=asked,
        name=request.form.get("name", ""),
    )


@blueprint.get("/portal/<identifier>")
def portal(identifier: str) -> str:
    store = simulator().store
    session = store.get("billing_portal.session", identifier)
    subscriptions = store.find("subscription", {"customer": session["customer"]})
    used = [methods.default_of(store, each) for each in subscriptions if each["status"] not in lifecycle.OVER]
    return render_template(
        "portal.html",
        session=session,
        subscriptions=subscriptions,
        methods=store.find("payment_method", {"customer": session["customer"]}),
        used={method["id"] for method in used if method},
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
    """`action` is one for a `subscription`, or change_card, with `number` and `name`."""
    wanted = request.form.get("action", "")
    if wanted == "change_card":
        change(lambda store: _change_card(store, store.get("billing_portal.session", identifier)["customer"]))
    else:
        action = PORTAL_ACTIONS.get(wanted) or abort(400)
        change(lambda store: action(store, _own_subscription(store, identifier)))
    return redirect(url_for("pages.portal", identifier=identifier), 303)


def _own_subscription(store: Store, identifier: str) -> Object:
    session = store.get("billing_portal.session", identifier)
    subscription = store.get("subscription", request.form.get("subscription", ""))
    if subscription["customer"] != session["customer"]:
        raise NoSuchObject(subscription["id"])
    return subscription


def _change_card(store: Store, customer_id: str) -> None:
    """The new card pays for everything from now on; the old one stays with the customer, as at Stripe."""
    number = cards.digits(request.form.get("number", ""))
    if not number or number in cards.REFUSED:
        abort(400)
    customer = store.get("customer", customer_id)
    method = store.save("payment_method", _typed_card(customer, number))
    setups.confirm(store, setups.new(customer_id, {}), method, present=True)
    methods.make_default(store, customer, method)
    for subscription in store.find("subscription", {"customer": customer_id}):
        if subscription["default_payment_method"] and subscription["status"] not in lifecycle.OVER:
            subscription["default_payment_method"] = method["id"]
            lifecycle.changed(store, subscription)


@blueprint.get("/authenticate/<identifier>")
def authenticate(identifier: str) -> str:
    return render_template("authenticate.html", intent=simulator().store.by_id(identifier))


@blueprint.post("/authenticate/<identifier>")
def answer_bank(identifier: str) -> str:
    """`answer` is yes or no."""
    yes = request.form.get("answer") == "yes"

    def act(store: Store) -> None:
        intent = store.by_id(identifier)
        if intent["status"] != "requires_action":
            return
        if intent["object"] == "payment_intent":
            (lifecycle.authenticated if yes else lifecycle.refused)(store, intent)
        elif yes:
            setups.confirm(store, intent, store.get("payment_method", intent["payment_method"]), present=True)
        else:
            setups.refuse(store, intent)

    change(act)
    return render_template("message.html", message="Your bank knows now. You may close this page.")
