"""The OpenAPI 3.1 document, made from the declared endpoints, and the page that shows it."""

import inspect
import re
from typing import Any

import msgspec
from flask import Response, render_template

from app.accounts.identity import Identity
from app.accounts.permissions import PERMISSIONS
from app.web.endpoint import ENDPOINTS, Audience, Endpoint, endpoint, page
from app.web.responses import json_response

_PART = re.compile(r"<(?:\w+:)?(\w+)>")
PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "field": {"type": "string"},
        "errors": {
            "type": "array",  # all that is wrong, if it is more than one thing; what stands beside it is the first
            "items": {
                "type": "object",
                "required": ["code", "detail", "field"],
                "properties": {name: {"type": "string"} for name in ("code", "detail", "field")},
            },
        },
    },
}


@endpoint("GET", "/api/v1/openapi.json", "read", gives={200: dict[str, Any]})
def show_document(_caller: Identity) -> Response:
    """This document."""
    return json_response(document())


@page("GET", "/api", "read")
def show_page(_caller: Identity) -> str:
    """The API, for people."""
    return render_template("parts/api.html", document=document())


def document() -> dict[str, Any]:
    """The OpenAPI document of every JSON route."""
    declared = [item for item in ENDPOINTS if item.audience is Audience.API]
    shapes = [shape for item in declared for shape in (item.takes, item.asks, *item.gives.values()) if shape]
    _schemas, components = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for item in declared:
        paths.setdefault(_PART.sub(r"{\1}", item.path), {})[item.method.lower()] = _operation(item)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Below the Line", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": PROBLEM},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(item: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": item.view.__name__,
        "summary": inspect.cleandoc(item.view.__doc__ or "").partition("\n")[0],
        "description": f"For {PERMISSIONS[item.action].value}.",
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PART.findall(item.path)
        ]
        + _query_parameters(item),
        "responses": {str(status): _answer(shape) for status, shape in item.gives.items()}
        | {
            "default": {
                "description": "A problem (RFC 9457)",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        },
    }
    if item.takes:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(item.takes)}}}
    if PERMISSIONS[item.action].value != PERMISSIONS["read"].value:
        operation["security"] = [{"bearer": []}]
    return operation


def _query_parameters(item: Endpoint) -> list[dict[str, Any]]:
    if not item.asks:
        return []
    (schema,), parts = msgspec.json.schema_components([item.asks], ref_template="#/components/schemas/{name}")
    shape = parts[schema["$ref"].rpartition("/")[2]]
    required = shape.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": property_}
        for name, property_ in shape["properties"].items()
    ]


def _answer(shape: Any) -> dict[str, Any]:
    if shape is None:
        return {"description": "Done"}
    return {"description": "Done", "content": {"application/json": {"schema": _ref(shape)}}}


def _ref(shape: Any) -> dict[str, Any]:
    (schema,), _parts = msgspec.json.schema_components([shape], ref_template="#/components/schemas/{name}")
    return dict(schema)
