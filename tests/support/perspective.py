"""For tests of the Perspective API's place: keys, and requests as its clients make them."""

from typing import Any, Unpack

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.db import Database
from app.perspective import keys
from app.perspective.keys import Choices
from config.settings import Settings

ANALYZE = "/v1alpha1/comments:analyze"
SUGGEST = "/v1alpha1/comments:suggestscore"
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
