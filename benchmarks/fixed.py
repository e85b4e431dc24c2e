"""The reference: fixed bodies from a bare Flask route, as granian serves any WSGI application.

Run: python -m benchmarks.fixed PORT
"""

import sys
from functools import cache

from flask import Flask, Response
from granian.constants import Interfaces
from granian.server import Server

app = Flask(__name__)


@app.get("/<int:status>/<int:size>")
def fixed(status: int, size: int) -> Response:
    """`size` bytes under `status`."""
    return Response(_body(size), status, mimetype="application/json")


@app.get("/readyz")
def ready() -> Response:
    """There is nothing to wait for."""
    return Response()


@cache
def _body(size: int) -> bytes:
    return b"x" * size


if __name__ == "__main__":
    Server(
        "benchmarks.fixed:app", port=int(sys.argv[1]), interface=Interfaces.WSGI, blocking_threads=8, log_access=False
    ).serve()
