"""For tests of the Perspective API's place: keys, and requests as its clients make them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.parser import BytesParser
from typing import Any, Unpack

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import toxicity
from app.db import Database
from app.perspective import keys
from app.perspective.keys import Choices
from app.web.application import create_app
from app.web.integrations import perspective
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.loopback import serving

ANALYZE = "/v1alpha1/comments:analyze"
SUGGEST = "/v1alpha1/comments:suggestscore"
BATCH = "/batch"
DISCOVERY = "/$discovery/rest?version=v1alpha1"
COMMENT_ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"


def make_key(
    database: Database,
    settings: Settings,
    name: str = "paper",
    per_second: int = 1000,
    per_minute: int = 10_000,
    **choices: Unpack[Choices],
) -> str:
    """The secret of a new key."""
    with database.transaction() as session:
        return keys.create(session, settings, name, per_second, per_minute, **choices)


@contextmanager
def scoring_server(
    settings: Settings, house: HouseRules, database: Database, deadline_seconds: int = 20
) -> Iterator[str]:
    """The address of a server with the built-in scorer, which knows where it is reached."""
    with serving() as server:
        settings = replace(settings, public_url=server.url, scorer_deadline_ms=deadline_seconds * 1000)
        scorer = toxicity.load("builtin")
        application = create_app(assembled(settings, house, database, scorer=scorer))
        server.application = application
        yield server.url
        application.extensions[perspective.EXTENSION].write()  # as it does when it ends


def request(text: str, *attributes: str, **more: Any) -> dict[str, Any]:
    """A body for comments:analyze."""
    return {
        "comment": {"text": text},
        "requestedAttributes": {name: {} for name in attributes or ("TOXICITY",)},
        "languages": ["en"],
    } | more


def suggestion(text: str, value: float = 1, **more: Any) -> dict[str, Any]:
    """A body for comments:suggestscore."""
    return {"comment": {"text": text}, "attributeScores": {"TOXICITY": {"summaryScore": {"value": value}}}} | more


def ask(client: FlaskClient, key: str, body: dict[str, Any], path: str = ANALYZE) -> TestResponse:
    return client.post(f"{path}?key={key}", json=body)


def error(answer: TestResponse) -> tuple[int, str, str]:
    """HTTP status, Google's name of it, and the type of what is wrong with the comment, if that is it."""
    found = answer.get_json()["error"]
    assert found["code"] == answer.status_code
    assert set(found) <= {"code", "message", "status", "details"}
    (detail,) = found.get("details", [{}])
    return answer.status_code, found["status"], detail.get("errorType", detail.get("reason", ""))


@dataclass(frozen=True)
class Answered:
    """What a call of a batch was answered."""

    name: str
    status: int
    headers: dict[str, str]
    body: Any


def call(key: str, body: Any, path: str = ANALYZE, name: str = "<one + 1>", end: str = "\r\n") -> bytes:
    """A part of a batch."""
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary", f"Content-ID: {name}", ""]
    inner = [f"POST {path}?key={key} HTTP/1.1", "Content-Type: application/json", "Accept: application/json", ""]
    return end.join([*head, *inner, json.dumps(body)]).encode()


def send(client: FlaskClient, *parts: bytes, boundary: str = "===b==", end: bytes = b"\r\n") -> TestResponse:
    """Send a batch of these parts."""
    frame = f"--{boundary}".encode()
    body = b"".join([frame + end + part + end for part in parts]) + frame + b"--"
    return client.post(BATCH, data=body, content_type=f'multipart/mixed; boundary="{boundary}"')


def answered(answer: TestResponse) -> list[Answered]:
    """What the calls of a batch were answered, in order."""
    assert answer.status_code == 200, answer.text
    head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    frame = BytesParser().parsebytes(head + answer.get_data())
    assert frame.get_content_type() == "multipart/mixed"
    assert frame.defects == []
    return [_answered(part) for part in frame.get_payload() if not isinstance(part, str)]


def _answered(part: Any) -> Answered:
    assert part.get_content_type() == "application/http"
    line, _, rest = part.get_payload(decode=True).partition(b"\r\n")
    head, _, body = rest.partition(b"\r\n\r\n")
    version, status, _phrase = line.decode().split(" ", 2)
    assert version == "HTTP/1.1"
    headers = dict(each.split(": ", 1) for each in head.decode().split("\r\n"))
    assert headers["Content-Length"] == str(len(body))
    return Answered(part["Content-ID"], int(status), headers, json.loads(body) if body else None)
