"""What a request carries, checked against a struct: a JSON body for programs, a form for browsers, a query.

All three end as one struct or as a 422 that names the field. Unknown JSON fields are refused; of a form, the
browser's own additions (the CSRF token, buttons) are ignored. NUL is refused everywhere: PostgreSQL cannot store it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, TypeVar, get_origin

import msgspec
from flask import Flask, request

from app import ids
from app.errors import Malformed, NotFound, TooLarge
from app.language import mark
from app.web import endpoint

T = TypeVar("T", bound=msgspec.Struct)
Cursor = Annotated[
    str | None, msgspec.Meta(description="Where to go on, as the slice before says; without it from the start.")
]

LARGEST_BODY_BYTES = 64 * 1024
_WHERE = re.compile(r"`\$\.?([\w.\[\]]*)`")
# one slash and then something that no browser takes for another host
_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")
# the escape of NUL in JSON: preceded by an even number of backslashes, or it is not one
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def install(app: Flask) -> None:
    """Limit the body of every request to `app`."""
    app.before_request(_limit)


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Base of what a client may send."""


def learn(shape: type[msgspec.Struct]) -> None:
    """Let msgspec find out now what `shape` is made of. It does so once, and not one thread at a time: two first
    requests at the same moment would end the process.
    """
    msgspec.json.Decoder(shape)


def body(shape: type[T]) -> T:
    """The JSON body as `shape`. Raises Malformed (422), TooLarge (413)."""
    raw = request.get_data(cache=True)
    if _NUL.search(raw):
        raise _nul()
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        raise _malformed(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("not_json", mark("The body must be a JSON document in UTF-8.")) from error


def form(shape: type[T]) -> T:
    """The posted form as `shape`; empty fields count as not given."""
    return _from_strings(shape, request.form.to_dict())


def query(shape: type[T]) -> T:
    """The query string as `shape`; what it has a list of may be given several times."""
    given = request.args
    return _from_strings(shape, given.to_dict() | {name: given.getlist(name) for name in _repeated(shape)})


def path_id(text: str) -> int:
    """The id in a part of the path. Raises NotFound (404) for what cannot be one."""
    number = ids.parse(text)
    if number is None:
        raise NotFound
    return number


def local(address: str) -> str:
    """`address` if it is a path of ours, as what a page says of where to go back to; otherwise the front page."""
    return address if _LOCAL.fullmatch(address) else "/"


def limit_body(most: int) -> None:
    """Refuse a body of more than `most` bytes before more than that is read. Raises TooLarge (413)."""
    # one more than may be, since a body of unknown length is cut there without a word
    request.max_content_length = most + 1
    if (request.content_length or 0) > most:
        raise TooLarge(limit=most)
    if request.content_length is None and len(request.get_data()) > most:
        raise TooLarge(limit=most)


def _limit() -> None:
    """Limit the body before anything reads it: a form is read for its CSRF token already."""
    declared = endpoint.current()
    if declared is None or declared.limited:
        limit_body(LARGEST_BODY_BYTES)


@lru_cache
def _repeated(shape: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(field.name for field in msgspec.structs.fields(shape) if get_origin(field.type) is list)


def _from_strings(shape: type[T], values: Mapping[str, str | list[str]]) -> T:
    known = {name: values[name] for name in shape.__struct_fields__ if values.get(name)}
    if any("\0" in text for value in known.values() for text in value):
        raise _nul()
    try:
        return msgspec.convert(known, shape, strict=False)
    except msgspec.ValidationError as error:
        raise _malformed(error) from error


def _nul() -> Malformed:
    return Malformed("nul", mark("NUL characters are not text."))


def _malformed(error: msgspec.ValidationError) -> Malformed:
    message = str(error)
    missing: Any = re.search(r"(?:required|unknown) field `(\w+)`", message)
    where: Any = _WHERE.search(message)
    field = missing[1] if missing else where[1] if where else None
    return Malformed(
        "malformed", mark("Something in what was sent is missing or of the wrong kind."), field=field, reason=message
    )
