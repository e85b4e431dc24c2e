"""The script behind `<btl-comments>`: one file for the paper's page, put together from those in web/embed.

There is no build step: the files are joined as they are, in one scope of their own, with what they say in every
language that there is a catalogue of.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec
from flask import Response, request

from app.accounts.identity import Identity
from app.language import LOCALE, use
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
CACHE_CONTROL = "public, max-age=300, stale-while-revalidate=86400"


@asset("/embed.js")
def show_script(_caller: Identity) -> Response:
    """The script of the element."""
    body = script()
    response = Response(body, mimetype="text/javascript")
    response.headers["Cache-Control"] = CACHE_CONTROL
    # a page that isolates itself (COEP) loads nothing that does not allow it
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(sha256(body).hexdigest()[:16])
    response.make_conditional(request)
    return response


@cache
def script() -> bytes:
    """All of it in UTF-8, made once."""
    languages = ["en", *sorted(folder.name for folder in LOCALE.glob("*/"))]
    words = msgspec.json.encode({language: _words(language) for language in languages}).decode()
    style = msgspec.json.encode((FOLDER / "style.css").read_text(encoding="utf-8")).decode()
    parts = "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in PARTS)
    return f'(() => {{\n"use strict";\nconst WORDS = {words};\nconst STYLE = {style};\n{parts}\n}})();\n'.encode()


def _words(language: str) -> dict[str, str]:
    with use(language):
        return embed_words.spoken()
