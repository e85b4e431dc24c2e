"""One call of the API: its parameters, how it changes something once, and how it is refused."""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
from flask import Response, jsonify, request

from app.simulator import cards, expand
from app.simulator.context import change, simulator
from app.simulator.forms import nested
from app.simulator.store import NoSuchObject, Object, Store


class RequestRefused(Exception):
    """The caller's mistake, answered as Stripe answers it."""

    kind = "invalid_request_error"
    decline_code: str | None = None

    def __init__(self, message: str, *, status: int = 400, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.param = status, code, param


class CardDeclined(RequestRefused):
    """The bank of the card said no."""

    kind = "card_error"

    def __init__(self, decline_code: str) -> None:
        super().__init__("Your card was declined.", status=402, code="card_declined")
        self.decline_code = decline_code


class KeyUsedOtherwise(RequestRefused):
    """An idempotency key that stood for another request."""

    kind = "idempotency_error"


def refused(error: RequestRefused) -> tuple[Response, int]:
    body = {"type": error.kind, "message": str(error), "code": error.code, "param": error.param}
    if error.decline_code:
        body["decline_code"] = error.decline_code
    return jsonify(error=body), error.status


def missing(error: NoSuchObject) -> tuple[Response, int]:
    return refused(
        RequestRefused(f"No such object: {error.args[0]!r}", status=404, code="resource_missing", param="id")
    )


def body() -> dict[str, Any]:
    """The parameters, of a form or, where something is deleted, of the address."""
    return nested([*request.args.items(multi=True), *request.form.items(multi=True)])


def perform(action: Callable[[Store], Object]) -> Response:
    """Act, unless a request with the same idempotency key did: then its answer is given again."""
    key = request.headers.get("Idempotency-Key")
    digest = hashlib.sha256(f"{request.method} {request.full_path} {sorted(request.form.items())}".encode()).hexdigest()

    def once(store: Store) -> Object:
        earlier = store.answered(key) if key else None
        if earlier is None:
            answer = shown(store, action(store))
            if key:
                store.remember(key, digest, answer)
            return answer
        if earlier[0] != digest:
            raise KeyUsedOtherwise("Keys for idempotent requests can only be used with the same parameters.")
        return earlier[1]

    return answered(change(once))


def answered(thing: Object) -> Response:
    return Response(msgspec.json.encode(thing), mimetype="application/json")


def shown(store: Store, thing: Object) -> Object:
    """The object as it leaves, with what the call asked to have expanded."""
    try:
        return expand.expanded(store, thing, body().get("expand", []))
    except expand.NotExpandable as error:
        raise RequestRefused(f"This property cannot be expanded ({error}).", param="expand") from error


def living_customer(store: Store, identifier: str) -> Object:
    customer = store.get("customer", identifier)
    if customer.get("deleted"):
        raise NoSuchObject(identifier)
    return customer


def named_customer(store: Store, identifier: str) -> Object:
    """The customer that a parameter names: one that is not there is the caller's mistake, not an unknown address."""
    try:
        return living_customer(store, identifier)
    except NoSuchObject as error:
        message = f"No such customer: {identifier!r}"
        raise RequestRefused(message, code="resource_missing", param="customer") from error


def accept_card(method: Object) -> None:
    """Raises CardDeclined for a number that no bank lets anybody keep."""
    if method["_number"] in cards.REFUSED:
        raise CardDeclined(cards.REFUSED[method["_number"]])


def page() -> str:
    """Where a browser finds the simulator's pages."""
    return simulator().public_url
