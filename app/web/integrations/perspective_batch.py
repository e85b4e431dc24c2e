"""POST /batch of the Perspective API: every call in it is answered as it would be alone, one after the other.

It goes to the same view, with the same key, quota, limits and log line. A call that would have to wait for too long is
told to come again.
"""

import io
import time
from typing import Any

import msgspec
from flask import Response, current_app, request

from app.perspective import batch, errors
from app.perspective.batch import Answer, Call, Part
from app.perspective.errors import ApiError
from app.web import problems
from app.web.endpoint import Audience, foreign
from app.web.integrations import perspective

PATH = "/batch"
CALLED = frozenset({perspective.ANALYZE, perspective.SUGGEST})
# a call that has begun by then is answered before a server that is told to stop gives up on it
LONGEST_SECONDS = 10.0
# of the request around, what is not said of a call too
_OF_THE_WHOLE = ("CONTENT_", "HTTP_CONTENT_", "HTTP_TRANSFER_ENCODING", "wsgi.input", "werkzeug.", "flask.")


@foreign("POST", PATH, "call_with_key", Audience.GOOGLE)
@perspective.google
def call_many() -> Response:
    """Answer every call. One that fails fails alone; 400 for all of them where they cannot be told apart."""
    ends = time.monotonic() + LONGEST_SECONDS
    body = perspective.body_of(batch.MOST_BYTES)
    parts = batch.parts(request.mimetype, request.mimetype_params.get("boundary", ""), body)
    kind, answers = batch.joined(_answer(part, ends) for part in parts)
    return Response(answers, content_type=kind)


def _answer(part: Part, ends: float) -> Answer:
    try:
        if time.monotonic() > ends:
            raise errors.unavailable()
        response = _alone(part.call())
    except ApiError as error:
        return Answer(part.name, error.status, {"Content-Type": "application/json"}, msgspec.json.encode(error.body()))
    headers = {name: response.headers[name] for name in ("Content-Type", "Retry-After") if name in response.headers}
    return Answer(part.name, response.status_code, headers, response.get_data())


def _alone(call: Call) -> Response:
    """What `call` is answered as a request of its own. Raises ApiError (404) for one that is none of this API's."""
    if call.path not in CALLED:
        raise ApiError(404, "Requested entity was not found: a batch calls comments:analyze and comments:suggestscore.")
    with current_app.request_context(_environ(call)):
        return current_app.full_dispatch_request()


def _environ(call: Call) -> dict[str, Any]:
    """The call as WSGI has it: from where the batch came, with its headers and, if it brings one, its own key."""
    environ = {name: value for name, value in request.environ.items() if not name.startswith(_OF_THE_WHOLE)}
    if "X-Goog-Api-Key" in call.headers:
        environ["HTTP_X_GOOG_API_KEY"] = str(call.headers["X-Goog-Api-Key"])
    return environ | {
        "REQUEST_METHOD": call.method,
        "PATH_INFO": call.path,
        "QUERY_STRING": call.target.query,
        "CONTENT_TYPE": str(call.headers.get("Content-Type", "")),
        "CONTENT_LENGTH": str(len(call.body)),
        "wsgi.input": io.BytesIO(call.body),
    }


problems.foreign[PATH] = perspective.problem
