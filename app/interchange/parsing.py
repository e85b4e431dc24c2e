"""Rows of an export: records whose fields are found under whatever name, read as what they mean."""

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from pathlib import Path

from app.interchange import files, moments, records, systems
from app.interchange.authors import LONGEST_NAME_CHARACTERS, Writer
from app.interchange.files import BadFile
from app.interchange.html import LONGEST, as_typed, looks_like_html
from app.interchange.records import BadRow, Found, OldBan, Place, Record

NEEDED = ("id", "author", "story", "created_at", "text")
FIELDS = (*NEEDED, "parent", "title", "url", "author_id", "confirmed_email", "state")
# the longest that any system has; a database cannot look up one without end
LONGEST_ID_CHARACTERS = 200
# how databases write that there is nothing
NULL = r"\N"
NOTHING = frozenset({"", NULL, "NULL"})
NO_PARENT = frozenset({"", NULL, "NULL", "null", "None", "nil", "0", "root"})
# what everybody read there; any other state is the reason why a row is not taken
PUBLIC = frozenset({*NOTHING, "published", "approved"})
STATES = frozenset({"deleted", "removed", "rejected", "pending", "spam", "not_public", "not_a_comment"})
# MongoDB writes {"$oid": "…"}, {"$date": …}, {"$numberLong": "…"}
_EXTENDED = frozenset({"$oid", "$date", "$numberLong", "$numberInt"})
_ESCAPED = re.compile(r"\\\r?\n")


@dataclass(frozen=True)
class Row:
    """One comment as the file has it. `parent` is the id of another row of the file, or None.

    `author` is empty where nobody is named, `author_id` where names alone tell authors apart, `email` where the old
    system had not confirmed one. `title` and `url` are the story's; without `story` its address is its key. `gone` is
    why nobody could read it: such a row is not taken, but may be what others reply to.
    """

    line: Place
    id: str
    author: str
    story: str
    parent: str | None
    created_at: datetime
    text: str
    title: str = ""
    url: str = ""
    author_id: str = ""
    email: str = ""
    gone: str = ""

    @property
    def writer(self) -> Writer:
        """Who wrote it; of what nobody could read, nobody."""
        return Writer("") if self.gone else Writer(self.author, self.author_id, self.email)


@dataclass(frozen=True)
class _Shape:
    """What the records of a file are: `names` are those of its fields, and `key` the one that must say which story it
    is about. `html` as in a Reading. CSV is what databases write, in ways of their own. `html_names`: whether names of
    authors are HTML, too; who reads the export of a system says them as they are shown.
    """

    names: Mapping[str, str]
    key: str
    html: bool | None
    is_csv: bool = False
    html_names: bool = False

    @property
    def nothing(self) -> Set[str]:
        """What says that there is nothing."""
        return NOTHING if self.is_csv else frozenset({""})


class _WrongType(ValueError):
    """The field of that name holds what it cannot."""


@dataclass(frozen=True)
class Reading:
    """How a file is to be read: what the operator says of it.

    `columns` maps a field to its name in a file of rows, where they differ. `html`: whether texts are HTML; where
    nobody says (None), those of CSV and JSON Lines that look like it are refused. `system`: whose export it is, where
    that should not be recognised. `key_from`: what becomes the key of a story, the article's "url" or its "id" there.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    html: bool | None = None
    system: str | None = None
    key_from: str = "url"


def rows(path: Path, reading: Reading = Reading()) -> Iterator[Row | BadRow | OldBan]:
    """The rows of `path` in order, and whom the old system had banned.

    A `parent` that means none in most exports (`0`, `root`) comes as it is, since a row may have that id. Raises
    BadFile if the file cannot be read, its kind is unknown, a column is missing or a mapped field does not exist.
    """
    name = reading.system or systems.recognised(path)
    names, html = {each: each for each in FIELDS}, reading.html
    if name in systems.ROWS:
        names |= _checked(reading.columns)
        shape = _Shape(names, "story", html, is_csv=name == systems.CSV, html_names=bool(html))
        found = _of_rows(path, name, {names[each] for each in {*NEEDED, *reading.columns}}, names)
    else:
        system = systems.SYSTEMS[name]
        key = "story" if reading.key_from == "id" else "url"
        names["story"] = "story" if key == "story" else ""
        shape, found = _Shape(names, key, system.html if html is None else html), system.read(path)
    for each in found:
        yield _row(*each, shape) if isinstance(each, tuple) else each


def _checked(columns: Mapping[str, str]) -> Mapping[str, str]:
    unknown = set(columns) - set(FIELDS)
    if unknown:
        raise BadFile(f"There is no field {sorted(unknown)[0]!r}; there are: {', '.join(FIELDS)}.")
    return columns


def _of_rows(path: Path, name: str, needed: set[str], names: Mapping[str, str]) -> Iterator[Found]:
    with files.opened(path) as file:
        if name == systems.CSV:
            yield from records.from_csv(file, needed, names["text"], names["created_at"])
        else:
            yield from records.from_json_lines(file)


def _row(line: Place, record: Record, shape: _Shape) -> Row | BadRow:
    try:
        values = {each: _value(each, record.get(name), shape.nothing) for each, name in shape.names.items()}
    except _WrongType as wrong:
        return BadRow(line, None, f"bad_{wrong}")
    gone = "" if values["state"] in PUBLIC else values["state"] if values["state"] in STATES else "not_published"
    reason = _fault(values, shape, is_gone=bool(gone))
    created_at = moments.read(values["created_at"])
    if reason is None and (created_at is None or moments.is_to_come(created_at)):
        reason = "bad_created_at" if created_at is None else "in_future"
    if reason or created_at is None:
        return BadRow(line, None if reason in ("nul", "not_utf8") else values["id"] or None, reason or "bad_created_at")
    author = unescape(values["author"]).strip() if shape.html_names else values["author"]
    return Row(
        line,
        values["id"],
        "" if author in shape.nothing else author,
        values["story"],
        values["parent"] or None,
        created_at,
        as_typed(values["text"]) if shape.html and not gone else values["text"],
        " ".join((unescape(values["title"]) if shape.html else values["title"]).split()),
        values["url"],
        values["author_id"],
        values["confirmed_email"],
        gone,
    )


def _fault(values: Mapping[str, str], shape: _Shape, *, is_gone: bool) -> str | None:
    """Why no row can be made of the values, apart from its time."""
    if not all(map(files.is_text, values.values())):
        return "not_utf8"
    if any("\0" in value for field, value in values.items() if field != "text"):
        return "nul"  # PostgreSQL could not even be asked for it
    if len(values["id"]) > LONGEST_ID_CHARACTERS:
        return "long_id"
    if not values[shape.key]:
        return "no_story"
    for each in ("id", "created_at") if is_gone else ("id", "created_at", "text"):
        if not values[each].strip():
            return f"no_{each}"
    if max(map(len, (values["author"], values["author_id"]))) > LONGEST_NAME_CHARACTERS:
        return "long_author"
    if is_gone:
        return None
    if shape.html and len(values["text"]) > LONGEST:
        return "too_long"
    if shape.is_csv and _ESCAPED.search(values["text"]):
        return "escaped_line"  # MySQL's way, in which other characters are escaped as well
    if shape.html is None and any(looks_like_html(values[each]) for each in ("text", "author", "title")):
        return "looks_like_html"
    return None


def _value(field: str, value: object, nothing: Set[str]) -> str:
    """What a field holds, as text. Raises _WrongType for what is neither text nor a number."""
    while isinstance(value, dict) and len(value) == 1 and _EXTENDED.issuperset(value):
        (value,) = value.values()
    if value is None or (value == NULL and NULL in nothing):
        return ""
    if isinstance(value, str):
        return value if field == "text" else value.strip()
    if field in ("text", "title") or isinstance(value, bool) or not isinstance(value, int | float):
        raise _WrongType(field)
    if isinstance(value, float) and field != "created_at":
        raise _WrongType(field)
    return str(value)
