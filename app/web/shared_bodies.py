"""Answers that are the same for everyone: one body per revision of a story, cacheable by anyone.

What is declared as shared knows no caller: no cookie is read, none is set, and no cache need ask whom it answers.
"""

from hashlib import sha256
from urllib.parse import quote
from zlib import crc32

from flask import Response, request

from app import clock
from app.models import Story
from app.stories import terms
from app.web.responses import encoder, json_response
from app.web.services import services

CACHE_CONTROL = "public, max-age=5, stale-while-revalidate=30"
# changes with the shape of what is answered, so that no cache goes on with the old one
SHAPE = "20"


def tag(story: Story | None, *parts: object) -> str:
    """The ETag of a body that depends on the story's revision and on `parts`. None: a story nobody has commented on."""
    revision = (story.id, story.revision, *_opening(story)) if story else ("none",)
    return "-".join(quote(str(part)) for part in (SHAPE, *revision, *parts) if part is not None)


def _opening(story: Story) -> tuple[object, ...]:
    """Whether it takes comments, which changes with the hour and no row."""
    opening = terms.opening(story, clock.now(), services().house.zone)
    return opening.is_open, opening.until and int(opening.until.timestamp())


def mark(part: object) -> str:
    """What stands in a tag for a part of the body that follows from no row."""
    return f"{crc32(encoder.encode(part)):08x}"


def not_modified(tag: str) -> Response | None:
    """The 304, if the caller has this body already."""
    return _shared(Response(status=304), tag) if request.if_none_match.contains_weak(tag) else None


def answer(body: object, tag: str) -> Response:
    """The body, for anyone to keep for a moment."""
    return _shared(json_response(body), tag)


def of_bytes(body: bytes, kind: str) -> Response:
    """A body of another kind than JSON, which is its own tag; 304 for who has it already."""
    made = _shared(Response(body, mimetype=kind), sha256(body).hexdigest()[:16])
    made.make_conditional(request)
    return made


def _shared(response: Response, tag: str) -> Response:
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.set_etag(tag)
    return response
