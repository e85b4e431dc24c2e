"""The problems (RFC 9457) in the OpenAPI document: their shape, an example of each code, which of them a route has."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from werkzeug.http import HTTP_STATUS_CODES

from app.web.endpoint import Endpoint
from app.web.reference import refusals
from app.web.reference.raised import Problem, problems

Part = dict[str, Any]
TEXT = {"type": "string"}
SCHEMA: Part = {
    "description": "Why something is not done. Some have more members: ids, codes and numbers.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "code": {**TEXT, "description": "For programs."},
        "detail": {**TEXT, "description": "For people, in their language."},
        "field": {**TEXT, "description": "Which field of the body is wrong."},
        "errors": {
            "description": "All that is wrong, if it is more than one thing; what stands beside it is the first.",
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail", "field"],
                "properties": dict.fromkeys(("code", "detail", "field"), TEXT),
            },
        },
    },
}
# what it says depends on the text at hand
IN_THE_WORDS_OF_THE_CASE = "…"


def answers(declared: Endpoint) -> dict[str, Part]:
    """The problems of a route, by status."""
    by_status = groupby(refusals.of(declared), key=lambda problem: problem.status)
    return {str(status): _answer(status, list(found)) for status, found in by_status}


def examples_of(endpoints: Iterable[Endpoint]) -> dict[str, Part]:
    """One example of each problem that some route has."""
    found = {_name(problem): problem for declared in endpoints for problem in refusals.of(declared)}
    return {name: {"summary": _sentence(found[name]), "value": _value(found[name])} for name in sorted(found)}


def _name(problem: Problem) -> str:
    """What its example is called: its code, with the status where that is not the usual one."""
    return problem.code if problem == problems()[problem.code][0] else f"{problem.code}-{problem.status}"


def _answer(status: int, found: list[Problem]) -> Part:
    shown = {_name(problem): {"$ref": f"#/components/examples/{_name(problem)}"} for problem in found}
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": f"{_title(status)}: {', '.join(f'`{problem.code}`' for problem in found)}",
        "content": {"application/problem+json": {"schema": schema, "examples": shown}},
    }


def _value(problem: Problem) -> Part:
    return {
        "type": "about:blank",
        "title": _title(problem.status),
        "status": problem.status,
        "code": problem.code,
        "detail": _sentence(problem),
    }


def _sentence(problem: Problem) -> str:
    return " / ".join(problem.sentences) or IN_THE_WORDS_OF_THE_CASE


def _title(status: int) -> str:
    return HTTP_STATUS_CODES.get(status, "Error")
