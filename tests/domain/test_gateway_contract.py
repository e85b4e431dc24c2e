"""What the newspaper asks of Stripe is what Stripe takes.

The stand-in refuses every parameter that test_simulator_contract.py has not found among Stripe's own.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app import gateway
from app.gateway.checkout import CheckoutOrder
from app.gateway.client import Object, Stripe
from config.settings import SIMULATED_PRICE, SIMULATED_PRODUCT, Settings
from tests.support.stripe_tour import charge_of, recorded
from tests.support.stripe_world import World, running_world

PAPER = "http://paper.example"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
# what a function is given, by the names of its parameters
PLAIN: dict[str, Any] = {
    "account_id": 77,
    "after": None,
    "amount": 100,
    "attempt": 0,
    "case": "17",
    "email": "ada@example.org",
    "kind": "invoice",
    "known": None,
    "language": "en",
    "moment": LONG_AGO,
    "number": 1,
    "products": [SIMULATED_PRODUCT],
    "return_url": "http://paper.example/",
    "since": LONG_AGO,
}
# whose id or whole object a function is given, by the module or by the function's own name
KINDS = {
    "billing_names": "customers",
    "charges": "charges",
    "checkout": "checkout/sessions",
    "confirmation_token": "confirmation_tokens",
    "customers": "customers",
    "events": "events",
    "methods": "payment_methods",
    "of_customer": "customers",
    "payment_method": "payment_methods",
    "prices": "prices",
    "related_objects": "invoices",
    "setup_intent": "setup_intents",
    "subscriptions": "subscriptions",
}


def gateway_functions() -> dict[str, Callable[..., Any]]:
    """All that calls Stripe, by module and name."""
    modules = [importlib.import_module(f"app.gateway.{each.name}") for each in pkgutil.iter_modules(gateway.__path__)]
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and next(iter(inspect.signature(function).parameters), "") == "stripe"
    }


@pytest.mark.parametrize("name", sorted(gateway_functions()))
def test_the_gateway_asks_for_nothing_that_stripe_does_not_know(name: str, tmp_path: Path) -> None:
    function = gateway_functions()[name]
    settings = Settings.from_env({"BTL_ENVIRONMENT": "demo", "BTL_VAR": str(tmp_path)})
    with running_world(tmp_path) as world, recorded(world) as exchanges:
        given = arguments(world, name, function)
        exchanges.clear()
        result = function(Stripe(replace(settings, stripe_api_base=world.url)), **given)
        if inspect.isgenerator(result):
            list(result)
        assert exchanges, f"{name} asked for nothing"
        for exchange in exchanges:
            assert exchange.status == 200, (exchange.endpoint, exchange.answer)


def arguments(world: World, name: str, function: Callable[..., Any]) -> dict[str, Any]:
    """A value for each parameter but the first. A KeyError here asks for an entry in PLAIN or KINDS."""
    objects = everything(world)
    module, _, own = name.partition(".")
    return {
        parameter.name: PLAIN[parameter.name] if parameter.name in PLAIN else found(objects, module, own, parameter)
        for parameter in list(inspect.signature(function).parameters.values())[1:]
    }


def found(
    objects: dict[str, Object], module: str, own: str, parameter: inspect.Parameter
) -> Object | CheckoutOrder | str:
    """An object of Stripe's, its id where that is what the parameter is, or what a reader orders."""
    if parameter.annotation == CheckoutOrder:
        return CheckoutOrder(
            77, "77", str(objects["customers"]["id"]), SIMULATED_PRICE, f"{PAPER}/return", f"{PAPER}/", "en"
        )
    of_its_own = parameter.name in {"identifier", "raw"}
    named = (KINDS.get(own) or KINDS[module]) if of_its_own else f"{parameter.name.removesuffix('_id')}s"
    whole = objects[named]
    return whole if parameter.annotation == Object else str(whole["id"])


def everything(world: World) -> dict[str, Object]:
    """One object of each collection, all of one payer's."""
    v1 = world.client.v1
    subscription = v1.subscriptions.retrieve(world.subscribed())
    customer, charge = v1.customers.retrieve(subscription.customer), charge_of(world, subscription.id)
    session = v1.checkout.sessions.list({"customer": customer.id}).data[0]
    examples = {
        "charges": charge,
        "checkout/sessions": session,
        "confirmation_tokens": v1.test_helpers.confirmation_tokens.create({"payment_method": "pm_card_visa"}),
        "customers": customer,
        "events": v1.events.list().data[0],
        "invoices": v1.invoices.retrieve(subscription.latest_invoice),
        "payment_methods": v1.payment_methods.retrieve(charge.payment_method),
        "prices": v1.prices.retrieve(SIMULATED_PRICE),
        "refunds": v1.refunds.create({"charge": charge.id, "amount": 1}),
        "setup_intents": v1.setup_intents.create(
            {"customer": customer.id, "payment_method": charge.payment_method, "confirm": True}
        ),
        "subscriptions": subscription,
    }
    return {name: each.to_dict() for name, each in examples.items()}
