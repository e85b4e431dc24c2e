"""Stripe's form encoding, `items[0][price]=…`, read into dictionaries and lists."""

import re
from collections.abc import Iterable
from typing import Any

PART = re.compile(r"[^\[\]]+")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in pairs:
        *path, last = PART.findall(key) or [key]
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {})
        if key.endswith("[]"):
            branch.setdefault(last, []).append(value)
        else:
            branch[last] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Any:
    """A dictionary whose keys are 0, 1, 2… is a list."""
    if not isinstance(value, dict):
        return value
    grown = {key: _listed(each) for key, each in value.items()}
    if grown and all(key.isdigit() for key in grown):
        return [grown[key] for key in sorted(grown, key=int)]
    return grown
