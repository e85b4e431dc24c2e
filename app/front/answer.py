"""What a WSGI application answers, whole before the first byte of it is sent.

So an answer needs its thread only while it is made, however slowly it is read. A small one is in memory; a download
goes to a file without a name, from which granian takes as much as the other side does.
"""

import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO, Any

import msgspec
from granian.rsgi import HTTPProtocol  # type: ignore[attr-defined]

from app.errors import Refusal
from app.front.environ import Environ

Headers = list[tuple[str, str]]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

LARGEST_IN_MEMORY_BYTES = 256 * 1024
# where the system names what a process has open
_OPEN_FILES = "/proc/self/fd" if sys.platform == "linux" else "/dev/fd"


class NoAnswer(Exception):
    """The application has not said what it answers."""


@dataclass
class Answer:
    """A status, headers, and a body that is either here or in a file."""

    status: int
    headers: Headers
    body: bytes = b""
    file: IO[bytes] | None = None

    def send(self, proto: HTTPProtocol) -> None:
        """Have it sent by granian, which opens the file a little later."""
        if self.file is None:
            proto.response_bytes(self.status, self.headers, self.body)
            return
        if not any(name.lower() == "content-length" for name, _ in self.headers):
            self.headers.append(("Content-Length", str(self.file.tell())))
        self.file.seek(0)
        proto.response_file(self.status, self.headers, f"{_OPEN_FILES}/{self.file.fileno()}")


def of(application: Application, environ: Environ) -> Answer:
    """What `application` answers. Raises what it raises, and NoAnswer."""
    said: list[tuple[str, Headers]] = []

    def start_response(status: str, headers: Headers, _exc_info: object = None) -> None:
        said.append((status, headers))

    pieces = application(environ, start_response)
    try:
        body, file = _collected(pieces)
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
    if not said:
        raise NoAnswer
    status, headers = said[-1]
    return Answer(int(status[:3]), headers, body, file)


def refused(refusal: Refusal) -> Answer:
    """The answer to a request that does not reach the application, as an RFC 9457 problem."""
    members = {"status": refusal.status, "code": refusal.code, "detail": refusal.detail(), **refusal.extra}
    problem = {"type": "about:blank", "title": HTTPStatus(refusal.status).phrase, **members}
    headers = [("Content-Type", "application/problem+json"), ("Cache-Control", "no-store")]
    if "retry_after" in refusal.extra:
        headers.append(("Retry-After", str(refusal.extra["retry_after"])))
    return Answer(refusal.status, headers, msgspec.json.encode(problem))


def _collected(pieces: Iterable[bytes]) -> tuple[bytes, IO[bytes] | None]:
    kept: list[bytes] = []
    size = 0
    rest = iter(pieces)
    for piece in rest:
        kept.append(piece)
        size += len(piece)
        if size > LARGEST_IN_MEMORY_BYTES:
            return b"", _spooled(kept, rest)
    return b"".join(kept), None


def _spooled(begun: list[bytes], rest: Iterable[bytes]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when granian has opened it)
    file.writelines(begun)
    file.writelines(rest)
    file.flush()
    return file
