"""JSON as Google's servers read it: names in both spellings, numbers as strings, null for what is absent, one value for
a list of one. All that is wrong is said at once, in Google's words, and where it is by the names of the protocol.
"""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from app.perspective import errors
from app.perspective.errors import Violation

M = TypeVar("M", bound=msgspec.Struct)

MOST_VIOLATIONS = 10
LONGEST_SHOWN = 64
MESSAGES = "type.googleapis.com/google.commentanalyzer.v1alpha1."
_LARGEST_INTEGER = 2**31
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|NaN|-?Infinity", re.ASCII)
_BOOLEANS = {"true": True, "false": False}


def message(value: object, shape: type[M]) -> M:
    """The message that a JSON document (as msgspec decodes it) stands for. Raises ApiError (400)."""
    reading = _Reading()
    made = reading.struct(shape, {} if value is None else value, "", "")
    if reading.violations or made is None:
        raise errors.malformed(reading.violations)
    return made


@cache
def fields_of(shape: type[msgspec.Struct]) -> dict[str, inspect.Field]:
    """The fields of a message, by each of their names: `clientToken`, and `client_token` as the protocol has it."""
    kind = inspect.type_info(shape)
    assert isinstance(kind, inspect.StructType)
    return {name: field for field in kind.fields for name in (field.encode_name, field.name)}


def given(kind: inspect.Type) -> inspect.Type:
    """What a field holds if it is not absent."""
    return kind.types[0] if isinstance(kind, inspect.UnionType) else kind


class _Reading:
    """One document as it is read. What is wrong is remembered and reading goes on; `around` is what a field lies in."""

    def __init__(self) -> None:
        self.violations: list[Violation] = []

    def struct(self, shape: type[M], value: object, around: str, name: str) -> M | None:
        if not isinstance(value, dict):
            if name:
                self._wrong(value, around, name, f"{MESSAGES}{shape.__name__}")
            else:
                self._unknown("", "", "Root element must be a message.")
            return None
        fields, found = fields_of(shape), {}
        at = _joined(around, name)
        for key, inner in value.items():
            if key not in fields:
                self._unknown(at, key, "Cannot find field.")
            elif inner is not None:
                found[fields[key].name] = self._value(given(fields[key].type), inner, at, fields[key].name)
        return shape(**found)

    def _value(self, kind: inspect.Type, value: object, around: str, name: str) -> Any:
        match kind:
            case inspect.ListType():
                values = value if isinstance(value, list) else [value]
                there = [each for each in values if each is not None]
                return [self._value(kind.item_type, each, around, f"{name}[{n}]") for n, each in enumerate(there)]
            case inspect.DictType():
                return self._map(kind, value, around, name)
        if isinstance(value, list):
            return self._unknown(around, name, "Proto field is not repeating, cannot start list.")
        if isinstance(kind, inspect.StructType):
            return self.struct(kind.cls, value, around, name)
        if isinstance(value, dict):
            return self._invalid(around, name, "Starting an object on a scalar field")
        label, read = _scalar(kind)
        found = read(value)
        return self._wrong(value, around, name, label) if found is None else found

    def _map(self, kind: inspect.DictType, value: object, around: str, name: str) -> dict[str, Any]:
        """Its keys are the client's own words; an entry without a value is there, and holds nothing."""
        if not isinstance(value, dict):
            self._invalid(around, "Map", f"Cannot bind a list to map for field '{name}'.")
            return {}
        return {
            key: self._value(kind.value_type, {} if each is None else each, around, f"{name}[{n}].value")
            for n, (key, each) in enumerate(value.items())
        }

    def _wrong(self, value: object, around: str, name: str, label: str) -> None:
        at, shown = _joined(around, name), json.dumps(value, ensure_ascii=False)
        self._complain(at, f"Invalid value at '{at}' ({label}), {shown[:LONGEST_SHOWN]}")

    def _invalid(self, around: str, name: str, why: str) -> None:
        self._complain(around, f"Invalid value{_where(around)} ({name}), {why}")

    def _unknown(self, around: str, name: str, why: str) -> None:
        quoted = f'"{name[:LONGEST_SHOWN]}"'
        self._complain(around, f"Invalid JSON payload received. Unknown name {quoted}{_where(around)}: {why}")

    def _complain(self, at: str, why: str) -> None:
        if len(self.violations) < MOST_VIOLATIONS:
            self.violations.append(Violation(at, why))


def _joined(around: str, name: str) -> str:
    return f"{around}.{name}" if around else name


def _where(around: str) -> str:
    return f" at '{around}'" if around else ""


def _scalar(kind: inspect.Type) -> tuple[str, Callable[[object], object]]:
    """What Google calls a type, and what reads a value as one: None is what is none of it."""
    match kind:
        case inspect.BoolType():
            return "TYPE_BOOL", _boolean
        case inspect.IntType():
            return "TYPE_INT32", _integer
        case inspect.FloatType():
            return "TYPE_FLOAT", _number
        case inspect.LiteralType():
            return "TYPE_ENUM", lambda value: value if isinstance(value, str) and value in kind.values else None
        case inspect.StrType(max_length=most):
            return "TYPE_STRING", lambda value: _text(value, most)
    raise TypeError(kind)


def _text(value: object, most: int | None) -> str | None:
    return value if isinstance(value, str) and (most is None or len(value) <= most) else None


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else _BOOLEANS.get(value.lower()) if isinstance(value, str) else None


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number and not (isinstance(value, str) and _NUMBER.fullmatch(value)):
        return None
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return None


def _integer(value: object) -> int | None:
    number = _number(value)
    whole = number is not None and number.is_integer() and -_LARGEST_INTEGER <= number < _LARGEST_INTEGER
    return int(number) if number is not None and whole else None
