"""No route reads more of a body than it may hold, whoever sends it and whether or not it says how long it is."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, run_wsgi_app

from app.web.endpoint import ENDPOINTS
from app.web.forms import LARGEST_BODY_BYTES

# these have limits of their own
APART = {"/stripe/webhook", "/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore", "/batch"}
SENT = 2_000_000
PART = b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n'
KINDS = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"]


class Counted(io.BytesIO):
    """A body that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.taken += len(found)
        return found


def send(app: Flask, method: str, path: str, kind: str, *, says_length: bool) -> tuple[int, int]:
    """The status of the answer to a body of SENT bytes, and how many of them were read."""
    body = Counted(PART + b"a" * SENT)
    environ = EnvironBuilder(path=path, method=method, headers=[("Accept", "text/html")]).get_environ()
    environ["CONTENT_TYPE"], environ["wsgi.input"] = kind, body
    if says_length:
        environ["CONTENT_LENGTH"] = str(len(body.getvalue()))
    else:
        environ["wsgi.input_terminated"] = True
    _answer, status, _headers = run_wsgi_app(app.wsgi_app, environ, buffered=True)
    return int(status[:3]), body.taken


@pytest.mark.parametrize("says_length", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_two_megabytes_are_refused_unread_on_every_route(app: Flask, kind: str, says_length: bool) -> None:
    unsafe = {(e.method, e.path.replace("<", "").replace(">", "")) for e in ENDPOINTS if e.method != "GET"}
    wrong = []
    for method, path in sorted(unsafe | {("POST", "/nowhere")}):
        status, taken = send(app, method, path, kind, says_length=says_length)
        if path not in APART and (status != 413 or taken > LARGEST_BODY_BYTES + 1):
            wrong.append((method, path, status, taken))
    assert not wrong


def test_a_form_of_ordinary_size_is_read(client: FlaskClient) -> None:
    answer = client.post("/api/v1/tokens", data=b'{"email": "a@example.org", "password": "%s"}' % (b"x" * 60_000))
    assert answer.status_code == 401
