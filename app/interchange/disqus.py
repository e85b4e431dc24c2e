"""Disqus: the XML that its "Export" sends by mail, as its schema 1.0 has it (https://help.disqus.com, "Comments
Export"). All articles stand before all comments. It names no bans, and does not say whether an address was confirmed.
"""

from collections.abc import Iterator
from pathlib import Path

from app.interchange import elements, files, lookup
from app.interchange.elements import Element
from app.interchange.records import BadRow, Record

ROOT = "disqus"
_THREAD, _POST = f"{ROOT}/thread", f"{ROOT}/post"
_WANTED = {
    _THREAD: frozenset({"@id", "id", "link", "title"}),
    _POST: frozenset(
        {
            *("@id", "message", "createdAt", "isDeleted", "isSpam", "thread@id", "parent@id"),
            *("author/name", "author/username", "author/isAnonymous"),
        }
    ),
}


def records(path: Path) -> Iterator[tuple[int, Record] | BadRow]:
    """The comments of an export. Raises BadFile."""
    with files.opened(path) as file, lookup.opened() as threads:
        for element in elements.read(file, _WANTED):
            if element.name == _THREAD:
                threads[element.values.get("@id", "")] = element.values
            else:
                yield element.line, _record(element, threads.get(element.values.get("thread@id", "")))


def _record(post: Element, thread: lookup.Values) -> Record:
    said = post.values.get
    return {
        "id": said("@id"),
        "author": said("author/name"),
        "author_id": said("author/username"),
        "story": thread.get("id"),
        "url": thread.get("link"),
        "title": thread.get("title"),
        "parent": said("parent@id"),
        "created_at": said("createdAt"),
        "text": said("message"),
        "state": _state(said("isSpam"), said("isDeleted")),
    }


def _state(spam: str | None, deleted: str | None) -> str:
    return "spam" if spam == "true" else "deleted" if deleted == "true" else ""
