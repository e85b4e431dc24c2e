"""WordPress: the XML of "Tools, Export" or `wp export`, WXR 1.0 to 1.2. Comments stand within their article.

Who was signed in has a number, and an address that WordPress had confirmed by letter; the address of a guest is
whatever they typed.
"""

from collections.abc import Iterator
from html import unescape
from pathlib import Path

from app.interchange import elements, files
from app.interchange.elements import Element
from app.interchange.records import BadRow, Record

ROOT = "rss"
_ITEM = f"{ROOT}/channel/item"
_COMMENT = f"{_ITEM}/comment"
_NAMES = ("id", "author", "author_email", "date_gmt", "content", "approved", "type", "parent", "user_id")
_WANTED = {
    _ITEM: frozenset({"title", "link", "post_id", "status", "post_password"}),
    _COMMENT: frozenset(f"comment_{name}" for name in _NAMES),
}
_STATES = {"1": "", "approve": "", "0": "pending", "hold": "pending", "spam": "spam"}
_READ_BY_ALL = ("publish", "inherit")


def records(path: Path) -> Iterator[tuple[int, Record] | BadRow]:
    """The comments of an export. Raises BadFile."""
    with files.opened(path) as file:
        for element in elements.read(file, _WANTED):
            if element.name == _COMMENT:
                yield element.line, _record(element)


def _record(comment: Element) -> Record:
    said = {name: comment.values.get(f"comment_{name}", "") for name in _NAMES}
    item = comment.outer
    member = said["user_id"].strip() not in ("", "0")
    return {
        "id": said["id"],
        "author": unescape(said["author"]),
        "author_id": f"user {said['user_id']}" if member else "",
        "confirmed_email": said["author_email"] if member else "",
        "story": item.get("post_id"),
        "url": item.get("link"),
        "title": item.get("title"),
        "parent": said["parent"],
        "created_at": said["date_gmt"],
        "text": said["content"],
        "state": _state(said["type"], said["approved"], item.get("status", "publish"), item.get("post_password", "")),
    }


def _state(kind: str, approved: str, status: str, password: str) -> str:
    if kind not in ("", "comment"):
        return "not_a_comment"
    if status not in _READ_BY_ALL or password:
        return "not_public"
    return _STATES.get(approved, "deleted")
