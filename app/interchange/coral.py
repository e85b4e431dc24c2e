"""Coral (6 to 9): a folder with its collections as `mongoexport` writes them, an object on each line: comments.json,
users.json, stories.json and, where old stories were archived, archivedComments.json.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.interchange import files, lookup, records
from app.interchange.files import BadFile
from app.interchange.lookup import Lookup
from app.interchange.records import BadRow, Found, OldBan, Record

COMMENTS, USERS, STORIES, ARCHIVED = "comments.json", "users.json", "stories.json", "archivedComments.json"
_STATES = {
    "NONE": "", "APPROVED": "",
    "PREMOD": "pending", "SYSTEM_WITHHELD": "pending",
    "REJECTED": "rejected",
}  # fmt: skip


def read(folder: Path) -> Iterator[Found]:
    """The comments and bans of an export. Raises BadFile."""
    for name in (COMMENTS, USERS, STORIES):
        if not (folder / name).is_file():
            raise BadFile(f"{folder.name} is no export of Coral: there is no {name} in it.")
    with lookup.opened() as users, lookup.opened() as stories:
        yield from _users(folder / USERS, users)
        yield from _stories(folder / STORIES, stories)
        for path in (folder / COMMENTS, folder / ARCHIVED):
            if path.is_file():
                yield from _comments(path, users, stories)


def _users(path: Path, users: Lookup) -> Iterator[BadRow | OldBan]:
    for found in _objects(path):
        if isinstance(found, BadRow):
            yield found
            continue
        line, user = found
        name, email = _text(user.get("username")), _text(user.get("email"))
        known = {"author": name, "author_id": _text(user.get("id"))}
        if user.get("emailVerified") is True:
            known["confirmed_email"] = email
        users[known["author_id"]] = known
        if _object(_object(user.get("status")).get("ban")).get("active") is True:
            yield OldBan(line, known["author_id"], name, known.get("confirmed_email", ""))


def _stories(path: Path, stories: Lookup) -> Iterator[BadRow]:
    for found in _objects(path):
        if isinstance(found, BadRow):
            yield found
            continue
        _, story = found
        title = _object(story.get("metadata")).get("title")
        stories[_text(story.get("id"))] = {"url": _text(story.get("url")), "title": _text(title)}


def _comments(path: Path, users: Lookup, stories: Lookup) -> Iterator[Found]:
    for found in _objects(path):
        if isinstance(found, BadRow):
            yield found
            continue
        line, said = found
        author, story = users.get(_text(said.get("authorID"))), stories.get(_text(said.get("storyID")))
        yield line, {**_record(said), **author, **story}


def _record(said: Record) -> dict[str, object]:
    revisions = said.get("revisions")
    newest = revisions[-1] if isinstance(revisions, list) and revisions else None
    return {
        "id": said.get("id"),
        "story": said.get("storyID"),
        "parent": said.get("parentID"),
        "created_at": said.get("createdAt"),
        "text": _object(newest).get("body"),
        "state": "deleted" if said.get("deletedAt") else _STATES.get(_text(said.get("status")), "rejected"),
    }


def _objects(path: Path) -> Iterator[tuple[str, Record] | BadRow]:
    """Each with its file and its line, since lines of several files are counted."""
    with files.opened(path) as file:
        for found in records.from_json_lines(file):
            if isinstance(found, BadRow):
                yield BadRow(f"{path.name}:{found.line}", found.id, found.reason)
            else:
                yield f"{path.name}:{found[0]}", found[1]


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
