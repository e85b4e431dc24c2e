"""A gate in front of the simulated Stripe: it sees every call, may refuse it, and can act before and after it."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from werkzeug.wrappers import Request, Response

from tests.support.loopback import serving

PASSED_ON = ("Authorization", "Idempotency-Key", "Content-Type")


@dataclass(frozen=True)
class Call:
    """One call that arrived."""

    method: str
    path: str
    key: str


def nothing(_call: Call) -> None:
    pass


@dataclass
class Gate:
    """`refuse` says of which calls the key has no right; `before` and `after` are told of the others."""

    target: str
    url: str = ""
    calls: list[Call] = field(default_factory=list)
    refuse: Callable[[Call], bool] = lambda call: False
    before: Callable[[Call], None] = nothing
    after: Callable[[Call], None] = nothing

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        call = Call(request.method, request.path, key)
        self.calls.append(call)
        if self.refuse(call):
            error = {"type": "invalid_request_error", "message": "This key has no right to do that."}
            return Response(json.dumps({"error": error}), 403, mimetype="application/json")(environ, start_response)
        self.before(call)
        answer = requests.request(
            request.method,
            f"{self.target}{request.full_path}",
            data=request.get_data(),
            headers={name: request.headers[name] for name in PASSED_ON if name in request.headers},
            timeout=10,
        )
        self.after(call)
        return Response(answer.content, answer.status_code, mimetype="application/json")(environ, start_response)


@contextmanager
def gate_before(target: str) -> Iterator[Gate]:
    """A gate in front of `target`, on a port of its own for the length of the block."""
    gate = Gate(target)
    with serving(gate) as server:
        gate.url = server.url
        yield gate
