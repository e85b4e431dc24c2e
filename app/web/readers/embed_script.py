"""The script behind `<btl-comments>`: one file for the paper's page, put together from those in web/embed.

There is no build step: the files are joined without their comments, in one scope, with what they say in one language:
that of the house, or the one that the page asks for. So no page carries the words of all, none has to ask for them, and
what lies at an address is the same for everyone.
"""

import gzip
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec
from flask import Response, request

from app import formats
from app.accounts.identity import Identity
from app.language import current, use
from app.web.endpoint import asset
from app.web.readers import embed_words

FOLDER = Path(__file__).parent.parent / "embed"
# each may use what stands before it
PARTS = (
    "dom",
    "api",
    "window",
    "times",
    "text",
    "permalinks",
    "comment",
    "forms",
    "composer",
    "bell",
    "thread",
    "element",
    "counts",
)
# a line that says why, to whoever works on it
_COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)
CACHE_CONTROL = "public, max-age=300, stale-while-revalidate=86400"


class WhichLanguage(msgspec.Struct):
    """`lang`: what the element speaks, where that is not what the house does."""

    lang: str = ""


@asset("/embed.js", asks=WhichLanguage)
def show_script(_caller: Identity, query: WhichLanguage) -> Response:
    """The script of the element."""
    packed = request.accept_encodings.quality("gzip") > 0
    with use(query.lang, current()):
        body = compressed(current()) if packed else script(current())
    response = Response(body, mimetype="text/javascript")
    # by us, since not every proxy packs scripts; it holds no secret
    response.vary.add("Accept-Encoding")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = CACHE_CONTROL
    # a page may ask for it as a module, or by `crossorigin`
    response.headers["Access-Control-Allow-Origin"] = "*"
    # a page that isolates itself (COEP) loads nothing that does not allow it
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(sha256(body).hexdigest()[:16])
    response.make_conditional(request)
    return response


@cache
def compressed(language: str) -> bytes:
    """The same for whoever takes gzip; the same bytes in every process, as its ETag is made of them."""
    return gzip.compress(script(language), mtime=0)


@cache
def script(language: str) -> bytes:
    """All of it in UTF-8, made once for each language."""
    with use(language):
        spoken = f'const LANGUAGE = "{language}";\nconst DIRECTION = "{formats.direction()}";'
        words = msgspec.json.encode(embed_words.spoken()).decode()
    style = msgspec.json.encode((FOLDER / "style.css").read_text(encoding="utf-8")).decode()
    parts = _COMMENT.sub("", "".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in PARTS))
    given = f"{spoken}\nconst WORDS = {words};\nconst STYLE = {style};"
    return f'(() => {{\n"use strict";\n{given}\n{parts}\n}})();\n'.encode()
