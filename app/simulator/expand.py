"""Stripe's `expand`: ids within an answer that are replaced by the objects they name, on request."""

from collections.abc import Iterable
from typing import Any

from app.simulator import shapes
from app.simulator.store import NoSuchObject, Object, Store

DEPTH = 4
# lists that are part of an object only where they are asked for: the kind in them, and the field that names the object
LISTS = {
    ("charge", "refunds"): ("refund", "charge"),
    ("customer", "subscriptions"): ("subscription", "customer"),
    ("invoice", "payments"): ("invoice_payment", "invoice"),
}


class NotExpandable(ValueError):
    """There is nothing to expand at this path."""


def expanded(store: Store, thing: Object, paths: Iterable[str]) -> Object:
    """A copy of the object, without what is the simulator's own. Raises NotExpandable."""
    grown = shapes.public(thing)
    for path in paths:
        parts = path.split(".")
        if len(parts) > DEPTH:
            raise NotExpandable(path)
        _expand(store, grown, parts, path)
    return grown


def _expand(store: Store, holder: Any, parts: list[str], path: str) -> None:
    if isinstance(holder, list):
        for each in holder:
            _expand(store, each, parts, path)
        return
    if not isinstance(holder, dict):
        return
    name, rest = parts[0], parts[1:]
    if (listed := LISTS.get((holder.get("object", ""), name))) and name not in holder:
        holder[name] = _listing(store, holder, *listed)
    if name not in holder:
        raise NotExpandable(path)
    if isinstance(holder[name], str):
        try:
            holder[name] = shapes.public(store.by_id(holder[name]))
        except NoSuchObject as error:
            raise NotExpandable(path) from error
    if rest:
        _expand(store, holder[name], rest, path)


def _listing(store: Store, holder: Object, kind: str, field: str) -> Object:
    found = store.find(kind, {field: holder["id"]}, limit=11)
    return {
        "object": "list",
        "data": [shapes.public(each) for each in found[:10]],
        "has_more": len(found) > 10,
        "url": f"/v1/{kind}s?{field}={holder['id']}",
    }
