"""Stripe's own types, as the installed SDK has them, against which whatever claims to be Stripe's is held.

Nothing is asked of anybody: the SDK's classes are annotated from Stripe's specification.
"""

import re
import sys
import typing
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import stripe
from stripe._list_object import ListObject
from stripe._object_classes import get_object_class
from stripe._stripe_object import StripeObject, UntypedStripeObject
from stripe.events._event_classes import _V2_EVENT_NOTIFICATION_CLASS_LOOKUP

EVENT_TYPES = frozenset(
    value
    for each in get_args(stripe.Event.__annotations__["type"]) or (stripe.Event.__annotations__["type"],)
    for value in (get_args(each) if get_origin(each) is Literal else (each,))
)
LIST_KEYS = {"object", *ListObject.__annotations__} - {"OBJECT_NAME"}
THIN_TYPES = frozenset(_V2_EVENT_NOTIFICATION_CLASS_LOOKUP)


class Drift(AssertionError):
    """Something that Stripe would not send or take."""


def check(thing: dict[str, Any], place: str = "") -> None:
    """Every key, nested ones too, is one of Stripe's, and every value could be Stripe's. Raises Drift."""
    shape = get_object_class("V1", str(thing.get("object")))
    if shape is StripeObject:
        raise Drift(f"{place}: there is no object {thing.get('object')!r}")
    _check_keys(thing, shape, place or str(thing["object"]))


def check_list(page: dict[str, Any], place: str) -> None:
    """A list, with every object in it. Raises Drift."""
    if page.keys() != LIST_KEYS or page["object"] != "list":
        raise Drift(f"{place} has the keys {sorted(page)}")
    for each in page["data"]:
        check(each, f"{place}[]")


def _check_keys(thing: dict[str, Any], shape: Any, place: str) -> None:
    for key, value in thing.items():
        if key not in shape.__annotations__:
            raise Drift(f"{place}.{key} is no key of {shape.__qualname__}")
        _check_value(value, shape.__annotations__[key], f"{place}.{key}")


def _check_value(value: Any, wanted: Any, place: str) -> None:
    choices = _alternatives(wanted)
    literals = [each for choice in choices if get_origin(choice) is Literal for each in get_args(choice)]
    if isinstance(value, dict):
        _check_object(value, choices, place)
    elif isinstance(value, list):
        for choice in choices:
            if get_origin(choice) is list:
                for each in value:
                    _check_value(each, get_args(choice)[0], f"{place}[]")
                return
        raise Drift(f"{place} is a list")
    elif literals and value is not None:
        # "or any str" only says that more may come: what is sent today is among the words
        if value not in literals:
            raise Drift(f"{place} is {value!r}, none of {literals}")
    elif not any(_is_of(value, choice) for choice in choices):
        raise Drift(f"{place} is {value!r}, not of {wanted}")


def _check_object(value: dict[str, Any], choices: list[Any], place: str) -> None:
    shapes = [choice for choice in choices if isinstance(choice, type) and issubclass(choice, StripeObject)]
    if any(get_origin(choice) is ListObject for choice in choices):
        check_list(value, place)
    elif any(_is_untyped(choice) for choice in choices) or typing.Any in choices:
        return
    elif "object" in value and any(isinstance(choice, typing.ForwardRef | str) for choice in choices):
        check(value, place)
    elif shapes:
        _check_keys(value, shapes[0], place)
    else:
        raise Drift(f"{place} is an object")


def _alternatives(wanted: Any) -> list[Any]:
    if get_origin(wanted) is typing.Union:
        return [each for part in get_args(wanted) for each in _alternatives(part)]
    return [wanted]


def _is_untyped(choice: Any) -> bool:
    return choice is UntypedStripeObject or get_origin(choice) is UntypedStripeObject


def _is_of(value: Any, choice: Any) -> bool:
    if choice is typing.Any:
        return True
    if choice is type(None) or value is None:
        return choice is type(None) and value is None
    if isinstance(choice, typing.ForwardRef) or not isinstance(choice, type):
        return False
    if choice.__name__ == "Decimal":
        return isinstance(value, str)
    return isinstance(value, choice) and not (choice is int and isinstance(value, bool))


def check_event_type(name: str) -> None:
    """Raises Drift for a type of event that Stripe does not send; thin ones begin with "v1."."""
    if name not in (THIN_TYPES if name.startswith("v1.") else EVENT_TYPES):
        raise Drift(f"{name} is no type of event")


def check_parameter(params: str, path: str) -> None:
    """`path` (dots lead into what is nested, a star is any name) is a parameter of the SDK's class `params`."""
    shapes, annotations = [_params_class(params)], list[Any]()
    for name in path.split("."):
        if name == "*" and any("Dict[str" in str(each) for each in annotations):
            return
        annotations = [shape.__annotations__[name] for shape in shapes if name in shape.__annotations__]
        if not annotations:
            raise Drift(f"{path} is no parameter of {params}")
        module = sys.modules[shapes[0].__module__]
        shapes = [found for each in annotations for found in _named_shapes(each, module)]


def _params_class(name: str) -> Any:
    found: Any = stripe.params
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _named_shapes(annotation: Any, module: Any) -> Iterator[Any]:
    for name in re.findall(r"\b\w+Params\w+\b", str(annotation)):
        yield getattr(module, name)
