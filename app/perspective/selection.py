"""`fields=`: the parts of an answer that a client wants, as all of Google's services understand it.

`a,b` are two fields, `a/b` (or `a.b`) is one within another, `a(b,c)` several, and `*` whatever is there. A list is
chosen from as its elements are.
"""

import re
from typing import Any

import msgspec
from msgspec import inspect

from app.perspective import errors, reading
from app.perspective.errors import Violation

# by the names of the answer, with what is wanted of each; of one without any, all is wanted
Selection = dict[str, "Selection"]
ANY = "*"
_TOKEN = re.compile(r"\s*([^,/.()\s]+|[,/.()])\s*")


def read(mask: str, shape: type[msgspec.Struct]) -> Selection:
    """What `mask` selects of an answer. Raises ApiError (400) for what no such answer has, and what is no mask."""
    selecting = _Mask(mask)
    found = selecting.fields((inspect.type_info(shape),), "")
    if selecting.tokens:
        raise selecting.refused(mask)
    return found


def part(answer: Any, wanted: Selection) -> Any:
    """Of an answer (as msgspec.to_builtins has it) what is wanted."""
    if isinstance(answer, list):
        return [part(each, wanted) for each in answer]
    if not wanted or not isinstance(answer, dict):
        return answer
    return {
        name: part(value, _both(wanted.get(name), wanted.get(ANY)))
        for name, value in answer.items()
        if name in wanted or ANY in wanted
    }


def _both(one: Selection | None, other: Selection | None) -> Selection:
    """What either of them wants; None wants nothing."""
    if one is None or other is None:
        return one or other or {}
    return {name: _both(one.get(name), other.get(name)) for name in {**one, **other}} if one and other else {}


class _Mask:
    """A mask as it is read: what follows is in `tokens`. `kinds` are what may stand where it has come to."""

    def __init__(self, mask: str) -> None:
        self._mask = mask
        self.tokens = [match[1] for match in _TOKEN.finditer(mask)][::-1]

    def fields(self, kinds: tuple[inspect.Type, ...], path: str) -> Selection:
        found: Selection = {}
        while True:
            name, below = self._field(kinds, path)
            found[name] = _both(found[name], below) if name in found else below
            if not self._is_next(","):
                return found

    def refused(self, path: str) -> errors.ApiError:
        shown = path[: reading.LONGEST_SHOWN]
        why = f"Error expanding 'fields' parameter. Cannot find matching fields for path '{shown}'."
        violation = Violation(self._mask[: reading.LONGEST_SHOWN], why)
        return errors.malformed([violation], f"Invalid field selection {shown}")

    def _field(self, kinds: tuple[inspect.Type, ...], path: str) -> tuple[str, Selection]:
        name = self.tokens.pop() if self.tokens else ""
        here = f"{path}.{name}" if path else name
        inside = [found for kind in kinds for found in _inside(kind, name)]
        if not inside:
            raise self.refused(here or self._mask)
        known, below = inside[0][0], tuple(kind for _name, kind in inside)
        if self._is_next("/") or self._is_next("."):
            return known, dict([self._field(below, here)])
        if not self._is_next("("):
            return known, {}
        chosen = self.fields(below, here)
        if not self._is_next(")"):
            raise self.refused(self._mask)
        return known, chosen

    def _is_next(self, token: str) -> bool:
        """Whether it follows; if so, it has been read."""
        follows = self.tokens[-1:] == [token]
        if follows:
            self.tokens.pop()
        return follows


def _inside(kind: inspect.Type, name: str) -> list[tuple[str, inspect.Type]]:
    """What of that name (or of any) may be within, by its name in an answer."""
    match reading.given(kind):
        case inspect.ListType(item_type=item):
            return _inside(item, name)
        case inspect.DictType(value_type=value) if re.fullmatch(r"\w+|\*", name):
            return [(name, value)]
        case inspect.StructType(cls=shape):
            fields = reading.fields_of(shape)
            if name == ANY:
                return [(ANY, field.type) for field in fields.values()]
            return [(fields[name].encode_name, fields[name].type)] if name in fields else []
    return []
