"""Remark42: its backup, version 1: a line about readers and articles, then a comment on each line.

It has no addresses; the id of a reader who came by letter is the SHA-1 of theirs. Who is blocked stands in the first
line.
"""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import IO, Any

import msgspec

from app.interchange import files, moments, records
from app.interchange.files import BadFile
from app.interchange.records import LONGEST_FIELD_CHARACTERS, BadRow, Found, OldBan, Record

_VERSION = 1
_BY_LETTER = re.compile("email_([0-9a-f]{40})")


def is_backup(begin: bytes) -> bool:
    """Whether a file that begins so is one."""
    return begin.startswith(b'{"version":') and b'"users":' in begin


def read(path: Path) -> Iterator[Found]:
    """The comments and bans of a backup. Raises BadFile."""
    with files.opened(path) as file:
        yield from _bans(file, path.name)
        for found in records.from_json_lines(file, first=2):
            yield found if isinstance(found, BadRow) else (found[0], _record(found[1]))


class _Block(msgspec.Struct):
    status: bool = False
    until: str = ""

    @property
    def lasts(self) -> bool:
        until = moments.read(self.until)
        return self.status and (until is None or moments.is_to_come(until))


class _User(msgspec.Struct):
    id: str
    blocked: _Block | None = None


class _Head(msgspec.Struct):
    version: int
    users: list[_User] | None = None


def _bans(file: IO[str], name: str) -> Iterator[OldBan]:
    try:
        told = msgspec.json.decode(file.readline(LONGEST_FIELD_CHARACTERS).encode(errors="surrogateescape"), type=_Head)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadFile(f"{name} does not begin as a backup of Remark42 does.") from error
    if told.version != _VERSION:
        raise BadFile(f"{name} is version {told.version} of Remark42's backup; we read version {_VERSION}.")
    yield from (
        OldBan(1, user.id, "", _mailbox(user.id)) for user in told.users or () if user.blocked and user.blocked.lasts
    )


def _record(said: Record) -> Record:
    user, place = _object(said.get("user")), _object(said.get("locator"))
    name = user.get("name")
    return {
        "id": said.get("id"),
        "author": unescape(name) if isinstance(name, str) else name,
        "author_id": user.get("id"),
        "confirmed_email": _mailbox(user.get("id")),
        "url": place.get("url"),
        "title": said.get("title"),
        "parent": said.get("pid"),
        "created_at": said.get("time"),
        "text": said.get("text"),
        "state": "deleted" if said.get("delete") is True else "",
    }


def _mailbox(user_id: object) -> str:
    """What is known of the mailbox of a reader, as authors.Writer has it."""
    by_letter = _BY_LETTER.fullmatch(user_id) if isinstance(user_id, str) else None
    return f"sha1:{by_letter[1]}" if by_letter else ""


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
