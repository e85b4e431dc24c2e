"""Hears every problem that our API answers with in the tests, and keeps those that its document does not name."""

from flask import Flask, Response

from app.web import endpoint
from app.web.endpoint import Audience
from app.web.reference import refusals

untold: set[str] = set()


def listen(app: Flask) -> None:
    """Hear what `app` refuses."""
    app.after_request(_hear)


def _hear(response: Response) -> Response:
    declared = endpoint.current()
    if response.mimetype == "application/problem+json" and declared and declared.audience is Audience.API:
        code, status = (response.get_json() or {}).get("code"), response.status_code
        if (code, status) not in {(problem.code, problem.status) for problem in refusals.of(declared)}:
            untold.add(f"{declared.method} {declared.path} answered {status} {code}")
    return response
