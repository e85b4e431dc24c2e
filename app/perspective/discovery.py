"""The discovery document, from which Google's own clients build their methods, made from the contract's structs."""

from typing import Any

from msgspec import inspect

from app.perspective import contract, parameters, reading

VERSION = "v1alpha1"
_METHODS = {
    "analyze": (contract.AnalyzeCommentRequest, contract.AnalyzeCommentResponse, "Scores a text."),
    "suggestscore": (
        contract.SuggestCommentScoreRequest,
        contract.SuggestCommentScoreResponse,
        "Says what the scores of a text should be.",
    ),
}


def document(address: str) -> dict[str, Any]:
    """The document of the server that clients reach at `address` (without a slash at the end)."""
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"commentanalyzer:{VERSION}",
        "name": "commentanalyzer",
        "canonicalName": "Comment Analyzer",
        "version": VERSION,
        "title": "Perspective Comment Analyzer API, as served by Below the Line",
        "description": "Scores how likely readers are to take a comment for toxic.",
        "protocol": "rest",
        "rootUrl": f"{address}/",
        "baseUrl": f"{address}/",
        "servicePath": "",
        "basePath": "",
        "batchPath": "batch",
        "parameters": {
            name: {"type": "string", "location": "query", "description": meant}
            for name, meant in parameters.MEANT.items()
        },
        "schemas": _schemas(),
        "resources": {"comments": {"methods": {name: _method(name) for name in _METHODS}}},
    }


def _method(name: str) -> dict[str, Any]:
    takes, gives, description = _METHODS[name]
    path = f"{VERSION}/comments:{name}"
    return {
        "id": f"commentanalyzer.comments.{name}",
        "httpMethod": "POST",
        "path": path,
        "flatPath": path,
        "description": description,
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": takes.__name__},
        "response": {"$ref": gives.__name__},
    }


def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for takes, gives, _description in _METHODS.values():
        for shape in (takes, gives):
            _schema(inspect.type_info(shape), found)
    return found


def _schema(kind: inspect.Type, found: dict[str, Any]) -> dict[str, Any]:
    """How discovery says `kind`; the structs in it are added to `found`."""
    match kind:
        case inspect.StructType():
            name = kind.cls.__name__
            if name not in found:
                found[name] = {"id": name, "type": "object"}
                properties = {field.encode_name: _schema(field.type, found) for field in kind.fields}
                found[name]["properties"] = properties
            return {"$ref": name}
        case inspect.UnionType():
            return _schema(reading.given(kind), found)
        case inspect.ListType():
            return {"type": "array", "items": _schema(kind.item_type, found)}
        case inspect.DictType():
            return {"type": "object", "additionalProperties": _schema(kind.value_type, found)}
        case inspect.LiteralType():
            return {"type": "string", "enum": list(kind.values)}
        case inspect.BoolType():
            return {"type": "boolean"}
        case inspect.IntType():
            return {"type": "integer", "format": "int32"}
        case inspect.FloatType():
            return {"type": "number", "format": "float"}
        case _:
            return {"type": "string"}
