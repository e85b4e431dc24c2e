"""Calls about money: refunds, disputes, and invoices that are paid or closed by hand."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response

from app.simulator import disputes, invoices, lifecycle, refunds
from app.simulator.calls import RequestRefused, answered, body, perform
from app.simulator.context import simulator
from app.simulator.store import Object, Store


def register(blueprint: Blueprint) -> None:
    blueprint.add_url_rule("/refunds", view_func=create_refund, methods=["POST"])
    blueprint.add_url_rule("/invoices/<identifier>/lines", view_func=list_lines, methods=["GET"])
    blueprint.add_url_rule("/disputes/<identifier>/close", view_func=close_dispute, methods=["POST"])
    for verb in VERBS:
        end = partial(end_invoice, verb)
        blueprint.add_url_rule(f"/invoices/<identifier>/{verb}", f"{verb} invoice", end, methods=["POST"])


def create_refund() -> Response:
    given = body()

    def create(store: Store) -> Object:
        charge = _charge(store, given)
        left = charge["amount"] - charge["amount_refunded"]
        amount = int(given.get("amount", left))
        if charge["refunded"] or not charge["paid"]:
            raise RequestRefused(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
        if charge["disputed"] and not _refundable(store, charge):
            raise RequestRefused(f"Charge {charge['id']} has been charged back.", code="charge_disputed")
        if not 0 < amount <= left:
            raise RequestRefused("Refund amount is greater than unrefunded amount on charge.", param="amount")
        return refunds.refund(store, charge, amount, given.get("reason"), given.get("metadata", {}))

    return perform(create)


def list_lines(identifier: str) -> Response:
    """All of them at once: nothing here is billed in more than a hundred lines."""
    found = simulator().store.get("invoice", identifier)["_lines"]
    return answered({"object": "list", "url": f"/v1/invoices/{identifier}/lines", "has_more": False, "data": found})


def close_dispute(identifier: str) -> Response:
    return perform(lambda store: disputes.move(store, store.get("dispute", identifier), "lost"))


def _pay(store: Store, invoice: Object) -> Object:
    lifecycle.pay(store, invoices.subscription_of(store, invoice), invoice)
    return invoice


VERBS: dict[str, Callable[[Store, Object], Object]] = {
    "mark_uncollectible": invoices.write_off,
    "pay": _pay,
    "void": invoices.void,
}


def end_invoice(verb: str, identifier: str) -> Response:
    def end(store: Store) -> Object:
        invoice = store.get("invoice", identifier)
        if invoice["status"] not in {"open", "uncollectible"}:
            raise RequestRefused("Only open invoices can be changed.", code="invoice_not_editable")
        return VERBS[verb](store, invoice)

    return perform(end)


def _charge(store: Store, given: Object) -> Object:
    if "charge" in given:
        return store.get("charge", given["charge"])
    if "payment_intent" not in given:
        raise RequestRefused("One of charge or payment_intent is required.", param="charge")
    latest = store.get("payment_intent", given["payment_intent"])["latest_charge"]
    if latest is None:
        raise RequestRefused("This PaymentIntent does not have a successful charge to refund.")
    return store.get("charge", latest)


def _refundable(store: Store, charge: Object) -> bool:
    return all(each["is_charge_refundable"] for each in store.find("dispute", {"charge": charge["id"]}))
