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


def _expand(store: Store, parent: Any, parts: list[str], path: str) -> None:
    if isinstance(parent, list):
        for each in parent:
            _expand(store, each, parts, path)
        return
    if not isinstance(parent, dict):
        return
    name, rest = parts[0], parts[1:]
    if (listed := LISTS.get((parent.get("object", ""), name))) and name not in parent:
        parent[name] = _listing(store, parent, *listed)
    if name not in parent:
        raise NotExpandable(path)
    if isinstance(parent[name], str):
        try:
            parent[name] = shapes.public(store.by_id(parent[name]))
        except NoSuchObject as error:
            raise NotExpandable(path) from error
    if rest:
        _expand(store, parent[name], rest, path)


def _listing(store: Store, parent: Object, kind: str, field: str) -> Object:
    found = store.find(kind, {field: parent["id"]}, limit=11)
    return {
        "object": "list",
        "data": [shapes.public(each) for each in found[:10]],
        "has_more": len(found) > 10,
        "url": f"/v1/{kind}s?{field}={parent['id']}",
    }
