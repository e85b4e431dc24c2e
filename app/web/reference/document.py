"""The OpenAPI 3.1 document, made from the declared endpoints: what the page /api shows (reference.page)."""

import inspect
import re
from functools import cache
from typing import Any

import msgspec
from flask import Response

from app.accounts.identity import Identity
from app.accounts.permissions import BY_KEY, EMBEDDED, PERMISSIONS, Who
from app.web.endpoint import ENDPOINTS, Audience, Endpoint, endpoint
from app.web.headers import EMBED_HEADER
from app.web.reference import examples, problems
from app.web.reference.subjects import SUBJECTS, subject_of
from app.web.responses import json_response
from app.web.services import services
from config.rules import Limits

Part = dict[str, Any]
REFERENCE = "#/components/schemas/{name}"
_PART = re.compile(r"<(?:(\w+):)?(\w+)>")
_LIMIT = re.compile(r"\{limits\.(\w+)\}")
ABOUT = """\
Anyone reads. Whoever may do more sends `Authorization: Bearer …`: the token of a reader, of a page's reader (embed), or
a key of a newspaper's own system. Bodies are JSON in UTF-8, of 64 KiB at most; a field that is not known is refused.
Ids are strings, times are UTC (RFC 3339). One address may send {limits.requests_per_minute} requests a minute. What is
refused is answered by a problem (RFC 9457), whose `code` is for programs and whose `detail` is for the reader, in their
language.
"""
# what the parts of addresses are, where the name does not say all
PARTS = {
    "story": "The key that the newspaper has given the story, slashes and all.",
    "site": "The key of the newspaper.",
    "section": "The key that the newspaper has given the section or tag.",
    "receipt": "What whoever gave the notice was given for it.",
}


@endpoint("GET", "/api/v1/openapi.json", "read", gives={200: dict[str, Any]})
def show_document(_caller: Identity) -> Response:
    """This document."""
    return json_response(document(services().house.at({}).limits))


@cache
def document(limits: Limits) -> Part:
    """The OpenAPI document of every JSON route, where these limits hold. Not to be changed."""
    declared = [item for item in ENDPOINTS if item.audience is Audience.API]
    shapes = [shape for item in declared for shape in (item.takes, item.asks, *item.gives.values()) if shape]
    _schemas, schemas = msgspec.json.schema_components(shapes, ref_template=REFERENCE)
    paths: dict[str, Part] = {}
    for item in declared:
        paths.setdefault(_PART.sub(r"{\2}", item.path), {})[item.method.lower()] = _operation(item, schemas, limits)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Below the Line", "version": "1", "description": _filled(ABOUT, limits)},
        "tags": [{"name": subject.name, "description": subject.about} for subject in SUBJECTS],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": problems.SCHEMA},
            "examples": problems.examples_of(declared),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "The token of a reader."},
                "key": {"type": "http", "scheme": "bearer", "description": "A key of a newspaper's own system."},
            },
        },
    }


def _operation(item: Endpoint, schemas: dict[str, Part], limits: Limits) -> Part:
    summary, _, more = inspect.cleandoc(item.view.__doc__ or "").partition("\n")
    operation: Part = {
        "operationId": item.view.__name__,
        "tags": [subject_of(item).name],
        "summary": summary,
        "description": "\n\n".join(filter(None, [*_filled(more, limits).strip().split("\n\n"), *_who(item)])),
        "parameters": [*_in_path(item), *_in_query(item), *_in_headers(item)],
        "responses": _answers(item, schemas) | problems.answers(item),
    }
    if item.takes:
        operation["requestBody"] = {"required": True, "content": _content(item.takes, schemas, asked=True)}
    if security := _security(item):
        operation["security"] = security
    return operation


def _filled(text: str, limits: Limits) -> str:
    """With the limits of the house in their places. Raises AttributeError where there is no such limit."""
    return _LIMIT.sub(lambda place: f"{getattr(limits, place[1]):,}", text)


def _who(item: Endpoint) -> list[str]:
    """Who may, and with what."""
    who = PERMISSIONS[item.action]
    found = [f"For the staff of the newspaper: {who.value} or above." if who.staff else f"For {who.value}."]
    if item.shared:
        found.append("The answer is the same for everyone, and has an ETag.")
    elif who is not Who.EVERYONE and item.action in EMBEDDED:
        found.append("The token of a page's reader (embed) will do, at its newspaper.")
    if item.action in BY_KEY:
        found.append(f"A server key will do that has the scope `{BY_KEY[item.action]}`, at its newspaper.")
    return found


def _security(item: Endpoint) -> list[dict[str, list[str]]]:
    if PERMISSIONS[item.action] is Who.EVERYONE:
        return []
    return [{"bearer": []}, {"key": []}] if item.action in BY_KEY else [{"bearer": []}]


def _in_path(item: Endpoint) -> list[Part]:
    return [
        _parameter("path", name, {"type": "string"}, PARTS.get(name, f"The id of the {name}."), required=True)
        for _converter, name in _PART.findall(item.path)
    ]


def _in_query(item: Endpoint) -> list[Part]:
    if not item.asks:
        return []
    (schema,), schemas = msgspec.json.schema_components([item.asks], ref_template=REFERENCE)
    shape = schemas[schema["$ref"].rpartition("/")[2]]
    return [
        _parameter("query", name, _sent(property_), _description(property_), required=name in shape.get("required", []))
        for name, property_ in shape["properties"].items()
    ]


def _sent(property_: Part) -> Part:
    """The schema of a query's field without null, which nobody can send there."""
    given = [each for each in property_.get("anyOf", []) if each != {"type": "null"}]
    kept = {name: value for name, value in property_.items() if name not in ("anyOf", "default")}
    return {**given[0], **kept} if given else property_


def _in_headers(item: Endpoint) -> list[Part]:
    """What only pages of the newspaper can send."""
    if "page" not in item.refuses:
        return []
    said = {"Origin": "An origin of the newspaper; browsers say it.", EMBED_HEADER: "Anything: no form can send it."}
    return [_parameter("header", name, {"type": "string"}, about, required=True) for name, about in said.items()]


def _parameter(place: str, name: str, schema: Part, description: str, *, required: bool) -> Part:
    found = {"name": name, "in": place, "required": required, "schema": schema, "description": description}
    return found | {"example": examples.of(schema, {}, field=name)}


def _description(property_: Part) -> str:
    """What is said of a query's field, or of what it is a list of."""
    return str(property_.get("description") or property_.get("items", {}).get("description", ""))


def _answers(item: Endpoint, schemas: dict[str, Part]) -> Part:
    unchanged = {"304": {"description": "It is as it was: what `If-None-Match` names."}} if item.shared else {}
    return {str(status): _answer(shape, schemas) for status, shape in item.gives.items()} | unchanged


def _answer(shape: Any, schemas: dict[str, Part]) -> Part:
    if shape is None:
        return {"description": "Done"}
    return {"description": "Done", "content": _content(shape, schemas, asked=False)}


def _content(shape: Any, schemas: dict[str, Part], *, asked: bool) -> Part:
    (schema,), _parts = msgspec.json.schema_components([shape], ref_template=REFERENCE)
    return {"application/json": {"schema": schema, "example": examples.of(schema, schemas, asked=asked)}}
