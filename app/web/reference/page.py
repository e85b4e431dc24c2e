"""The page /api: the OpenAPI document as people read it, with commands that try it."""

import json
from dataclasses import dataclass
from functools import cache, reduce
from operator import and_
from typing import Any

from flask import render_template
from markupsafe import Markup

from app.accounts.identity import Identity
from app.web.endpoint import ENDPOINTS, page
from app.web.reference import curl, document, shapes
from app.web.services import services
from config.rules import Limits

Part = dict[str, Any]
# by status, what a program does about it
REMEDIES = {
    400: "Send it anew, as HTTP has it.",
    401: "Get a token and send it; the one that was sent is over, or is none.",
    402: "Show the reader `detail`, and lead them to /subscription. GET /api/v1/me says the step.",
    403: "Show the reader `detail`; the same request will be refused again until what the code says has changed.",
    404: "There is none, or none for whoever asks.",
    408: "Send it again.",
    409: "Read the present state, and decide anew.",
    413: "Send less at once.",
    422: "Mend what `field` names, and send it again. `errors` lists everything, if it is more than one thing.",
    429: "Wait as many seconds as `Retry-After` says.",
    500: "Tell those who run the house: their log has it.",
    503: "Try again, after as many seconds as `Retry-After` says, if it is there.",
}
JSON, PROBLEM = "application/json", "application/problem+json"


@dataclass(frozen=True)
class Operation:
    """One route: how it is asked, what the document says of it, and a command that tries it."""

    method: str
    path: str
    said: Part
    command: str

    @property
    def codes(self) -> set[str]:
        """Of all problems that it can answer with."""
        return {code for answer in self.said["responses"].values() for code in _problems(answer)}


@dataclass(frozen=True)
class Chapter:
    """All operations of one subject, and the commands that theirs need first."""

    name: str
    about: str
    before: str
    operations: list[Operation]


@page("GET", "/api", "read")
def show_page(_caller: Identity) -> str:
    """The API, for people."""
    limits = services().house.at({}).limits
    reference = _reference(services().settings.public_url, limits)
    return render_template("reference/page.html", reference=reference)


@cache
def _reference(address: str, limits: Limits) -> Markup:
    """All of it that is the same for everyone, made once."""
    found = document.document(limits)
    chapters = chapters_of(found)
    asked = {item.asks.__name__ for item in ENDPOINTS if item.asks}  # which stand as parameters
    return Markup(  # noqa: S704, what is rendered is escaped
        render_template(
            "reference/reference.html",
            about=found["info"]["description"],
            begin=curl.BEGIN.format(address=address),
            chapters=chapters,
            everywhere=reduce(and_, (operation.codes for chapter in chapters for operation in chapter.operations)),
            codes=found["components"]["examples"],
            schemas={name: shape for name, shape in found["components"]["schemas"].items() if name not in asked},
            remedies=REMEDIES,
            problems_of=_problems,
            anchor=anchor,
            pretty=_pretty,
            shapes=shapes,
            content=_content,
        )
    )


def chapters_of(found: Part) -> list[Chapter]:
    """The document by subject, the subjects in their order."""
    operations = [
        Operation(method.upper(), path, said, curl.of(method, path, said))
        for path, methods in found["paths"].items()
        for method, said in methods.items()
    ]
    # what others lead to comes after them
    operations.sort(key=lambda operation: operation.method == "DELETE")
    return [
        Chapter(
            subject["name"],
            subject["description"],
            curl.BEFORE.get(subject["name"], ""),
            [operation for operation in operations if subject["name"] in operation.said["tags"]],
        )
        for subject in found["tags"]
    ]


def anchor(name: str) -> str:
    """A name as a part of an address."""
    return name.lower().replace(" ", "-").replace(",", "")


def _problems(answer: Part) -> list[str]:
    """The codes of an answer, if it is a problem."""
    return list(answer.get("content", {}).get(PROBLEM, {}).get("examples", ()))


def _content(part: Part) -> Part:
    """What is sent or answered in JSON: its schema and its example; empty if there is none."""
    return dict(part.get("content", {}).get(JSON, {}))


def _pretty(example: object) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2)
