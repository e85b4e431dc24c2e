"""Many calls in one request: each is a part of multipart/mixed and an HTTP request of its own, and so are the answers.

MIME is read and written as Google's clients write and read it (Content-ID: <response-…>).
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.feedparser import BytesFeedParser
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from itertools import chain, repeat
from urllib.parse import SplitResult, unquote, urlsplit

from app.perspective.errors import ApiError

MOST_CALLS = 1000
MOST_BYTES = 4 * 1024 * 1024
# each costs as much as a hundred letters, and a call laid out for people has some sixty
_MOST_LINE_ENDS = 200 * MOST_CALLS
_BOUNDARY = re.compile(r"[\w'()+,./:=?-](?:[\w'()+,./:=? -]{0,68}[\w'()+,./:=?-])?", re.ASCII)
_REQUEST_LINE = re.compile(rb"([!-~]+) +([!-~]+)(?: +HTTP/1\.[01])?\s*")
_NAME = re.compile(r"(<?)([\x21-\x7e](?:[\x20-\x7e]{0,999}[\x21-\x7e])?)")


@dataclass(frozen=True)
class Call:
    """One call of a batch: an HTTP request without a server."""

    method: str
    target: SplitResult
    headers: Message
    body: bytes

    @property
    def path(self) -> str:
        """The path of what is called."""
        return unquote(self.target.path)


@dataclass(frozen=True)
class Answer:
    """What a call is answered. `name` is how its part was called (Content-ID), if it was."""

    name: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Part(Message):
    """One part. What is in it is not looked into: of parts within parts, each would read all lines again."""

    def get_content_type(self) -> str:
        return "application/http"

    @property
    def name(self) -> str:
        """How the client calls it (Content-ID); empty, if it does not or cannot be answered by it."""
        found = str(self.get("Content-ID", "")).replace("\r", "").replace("\n", "").strip()
        return found if _NAME.fullmatch(found) else ""

    def call(self) -> Call:
        """The call in it. Raises ApiError (400)."""
        if str(self.get("Content-Type", "")).partition(";")[0].strip().lower() != "application/http":
            raise _unread("a part is not application/http")
        line, _, rest = _content(self).lstrip(b"\r\n").partition(b"\n")
        asked = _REQUEST_LINE.fullmatch(line)
        if asked is None:
            raise _unread("a part does not begin with a request line")
        try:
            target = urlsplit(asked[2].decode())
        except ValueError:
            raise _unread("a part calls what is no address") from None
        inner = BytesParser(_class=Part).parsebytes(rest)
        return Call(asked[1].decode(), target, inner, _content(inner))


def parts(kind: str, boundary: str, body: bytes) -> list[Part]:
    """The parts of a batch, from the two of its Content-Type. Raises ApiError (400) where they cannot be told apart."""
    if kind != "multipart/mixed" or not _BOUNDARY.fullmatch(boundary):
        raise _unread("its Content-Type must be multipart/mixed with a boundary")
    # before it is read, since what is read takes many times its size
    if body.count(f"--{boundary}".encode()) > MOST_CALLS + 1:
        raise ApiError(400, f"The maximum number of calls in a single batch is {MOST_CALLS}.")
    if body.count(b"\n") + body.count(b"\r") > _MOST_LINE_ENDS:
        raise _unread("it has too many lines")
    kinds: Iterator[type[Message]] = chain([Message], repeat(Part))
    parser = BytesFeedParser(_factory=lambda: next(kinds)())
    parser.feed(f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'.encode())
    parser.feed(body)
    frame = parser.close()
    found = frame.get_payload()
    if frame.defects or not isinstance(found, list):
        raise _unread("it has no parts, or no end")
    return [part for part in found if isinstance(part, Part)]


def joined(answers: Iterable[Answer]) -> tuple[str, bytes]:
    """The answer to a batch: its Content-Type, and its body."""
    boundary = f"batch_{secrets.token_urlsafe(24)}"
    pieces = [piece for answer in answers for piece in (f"--{boundary}\r\n".encode(), _part(answer))]
    return f"multipart/mixed; boundary={boundary}", b"".join([*pieces, f"--{boundary}--\r\n".encode()])


def _part(answer: Answer) -> bytes:
    status = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    lines = ["Content-Type: application/http"]
    if answer.name:
        lines.append("Content-ID: " + _NAME.sub(r"\1response-\2", answer.name))
    lines += ["", status, *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + answer.body + b"\r\n"


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _unread(why: str) -> ApiError:
    return ApiError(400, f"Failed to parse batch request, error: {why}.")
