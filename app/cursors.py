"""Where a list that is read a slice at a time goes on.

A row's place is its value in each column of the list's order; the last column is unique, so no two rows stand at one
place. Addresses and answers carry a place as a cursor, which clients give back as they got it.
"""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TypeVar

from app import ids
from app.errors import Malformed
from app.language import mark

Row = TypeVar("Row")
Place = tuple[float, ...]
Columns = tuple[type[int] | type[float], ...]

ONE_ID: Columns = (int,)


def encode(place: Place) -> str:
    """The cursor of a place."""
    return _separator(tuple(map(type, place))).join(map(repr, place))


def decode(cursor: str, columns: Columns = ONE_ID) -> Place:
    """The place that a cursor names, in an order whose columns hold such values. Raises Malformed (422)."""
    parts = cursor.split(_separator(columns))
    values = [_value(part, kind) for part, kind in zip(parts, columns, strict=False)]
    place = tuple(value for value in values if value is not None)
    if not len(parts) == len(place) == len(columns):
        raise Malformed("bad_cursor", mark("This is not the address of a page."), field="cursor")
    return place


def cut(rows: Sequence[Row], size: int, place: Callable[[Row], Place]) -> tuple[list[Row], str | None]:
    """The first `size` of `rows`, with the cursor of what follows them if there are more."""
    return list(rows[:size]), encode(place(rows[size - 1])) if len(rows) > size else None


def _separator(columns: Columns) -> str:
    # the point belongs to a fraction, where there is one
    return "~" if float in columns else "."


def _value(part: str, kind: type[int] | type[float]) -> float | None:
    if kind is int:
        return ids.parse(part)
    try:
        number = float(part)
    except ValueError:
        return None
    return number if isfinite(number) else None
