"""Answers in JSON, encoded by msgspec."""

import msgspec
from flask import Response

encoder = msgspec.json.Encoder()


def json_response(body: object, status: int = 200, *, mimetype: str = "application/json") -> Response:
    """`body` (structs, dicts, lists, dates) as a JSON answer."""
    return Response(encoder.encode(body), status, mimetype=mimetype)
