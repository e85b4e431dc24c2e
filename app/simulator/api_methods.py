"""Calls about what is paid with: payment methods, setup intents and confirmation tokens."""

from flask import Blueprint, Response

from app.simulator import cards, methods, setups, shapes
from app.simulator.calls import RequestRefused, accept_card, body, named_customer, page, perform
from app.simulator.store import Object, Store
from app.simulator.webhooks import emit


def register(blueprint: Blueprint) -> None:
    one = "/payment_methods/<identifier>"
    blueprint.add_url_rule("/payment_methods", view_func=create_payment_method, methods=["POST"])
    blueprint.add_url_rule(one, view_func=update_payment_method, methods=["POST"])
    blueprint.add_url_rule(f"{one}/attach", view_func=attach_payment_method, methods=["POST"])
    blueprint.add_url_rule(f"{one}/detach", view_func=detach_payment_method, methods=["POST"])
    blueprint.add_url_rule("/setup_intents", view_func=create_setup_intent, methods=["POST"])
    blueprint.add_url_rule("/setup_intents/<identifier>/confirm", view_func=confirm_setup_intent, methods=["POST"])
    blueprint.add_url_rule("/test_helpers/confirmation_tokens", view_func=create_confirmation_token, methods=["POST"])


def create_payment_method() -> Response:
    given = body()
    return perform(lambda store: store.save("payment_method", _given_method(given)))


def update_payment_method(identifier: str) -> Response:
    given = body()

    def update(store: Store) -> Object:
        method = store.get("payment_method", identifier)
        if "billing_details" in given:
            method["billing_details"] |= methods.billing_details(method["billing_details"] | given["billing_details"])
        if "card" in given:
            dates = {name: int(given["card"][name]) for name in ("exp_month", "exp_year") if name in given["card"]}
            method["card"] |= dates
        shapes.merge_metadata(method, given)
        emit(store, "payment_method.updated", method)
        return store.save("payment_method", method)

    return perform(update)


def attach_payment_method(identifier: str) -> Response:
    customer = body().get("customer", "")

    def attach(store: Store) -> Object:
        method = methods.find(store, identifier)
        accept_card(method)
        return methods.attach(store, method, named_customer(store, customer)["id"])

    return perform(attach)


def detach_payment_method(identifier: str) -> Response:
    def detach(store: Store) -> Object:
        method = store.get("payment_method", identifier)
        if not method["customer"]:
            raise RequestRefused("The payment method you provided is not attached to a customer.")
        return methods.detach(store, method)

    return perform(detach)


def create_setup_intent() -> Response:
    given = body()

    def create(store: Store) -> Object:
        customer = named_customer(store, given["customer"])["id"] if "customer" in given else None
        intent = setups.new(customer, given.get("metadata", {}), given.get("usage", "off_session"))
        store.save("setup_intent", intent)
        if given.get("confirm") == "true":
            return _confirmed(store, intent, given)
        if "payment_method" in given:
            method = store.save("payment_method", methods.find(store, given["payment_method"]))
            intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
        return store.save("setup_intent", intent)

    return perform(create)


def confirm_setup_intent(identifier: str) -> Response:
    given = body()
    return perform(lambda store: _confirmed(store, store.get("setup_intent", identifier), given))


def create_confirmation_token() -> Response:
    given = body()

    def create(store: Store) -> Object:
        if "payment_method" in given:
            method = methods.find(store, given["payment_method"])
        else:
            method = _given_method(given.get("payment_method_data", {}))
        return store.save("confirmation_token", setups.token(method, given))

    return perform(create)


def _confirmed(store: Store, intent: Object, given: Object) -> Object:
    if "confirmation_token" in given:
        method = setups.use(store, store.get("confirmation_token", given["confirmation_token"]), intent)
    elif chosen := given.get("payment_method") or intent["payment_method"]:
        method = methods.find(store, chosen)
    else:
        raise RequestRefused("You cannot confirm this SetupIntent without a payment method.", param="payment_method")
    accept_card(method)
    return setups.confirm(store, intent, method, page=page())


def _given_method(given: Object) -> Object:
    kind, billing = given.get("type", ""), given.get("billing_details", {})
    details = given.get(kind, {})
    try:
        if kind != "card":
            return methods.from_details(kind, details, billing)
        number = cards.TOKENS.get(details.get("token", "").replace("tok_", "pm_card_")) or cards.digits(
            details["number"]
        )
        return methods.from_card(number, billing, int(details.get("exp_month", 12)), int(details.get("exp_year", 2034)))
    except KeyError as error:
        raise RequestRefused(f"Missing required param: {error.args[0]}.", param=error.args[0]) from error
