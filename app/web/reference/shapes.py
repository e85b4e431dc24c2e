"""The schemas of the document in words: what each field holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Part = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """A field of a shape, or a parameter: its name, its type, and the shape that this leads to ("" for none)."""

    name: str
    type: str
    leads_to: str
    needed: bool
    about: str


def fields(schema: Part) -> Iterator[Field]:
    """The fields of a shape, in order."""
    for name, property_ in schema.get("properties", {}).items():
        needed = name in schema.get("required", [])
        yield Field(name, type_of(property_), leads_to(property_), needed, property_.get("description", ""))


def type_of(schema: Part) -> str:
    """What a value of that schema is, with its limits."""
    if "$ref" in schema:
        return name_of(schema)
    if "anyOf" in schema:
        return " or ".join(type_of(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f'"{each}"' for each in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_of(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"object of {type_of(schema['additionalProperties'])}"
    return " ".join(filter(None, [schema.get("type", "anything"), schema.get("pattern", "")]))


def leads_to(schema: Part) -> str:
    """The first shape that is part of a schema; "" where there is none."""
    inner = [*schema.get("anyOf", ()), *(schema[name] for name in ("items", "additionalProperties") if name in schema)]
    return name_of(schema) or next(filter(None, (leads_to(each) for each in inner if isinstance(each, dict))), "")


def name_of(schema: Part) -> str:
    """The name of the shape that a schema refers to; "" if it does not."""
    return str(schema.get("$ref", "")).rpartition("/")[2]
