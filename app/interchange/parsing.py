"""Rows of an export: records whose fields are found under whatever name, read as what they mean."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from pathlib import Path

from app.interchange import files, moments, records
from app.interchange.authors import LONGEST_NAME_CHARACTERS
from app.interchange.files import BadFile
from app.interchange.html import as_typed, looks_like_html
from app.interchange.records import BadRow, Record

FIELDS = ("id", "author", "story", "parent", "created_at", "text", "title")
OPTIONAL = frozenset({"parent", "title"})
# how databases write that there is nothing
NULL = r"\N"
NO_AUTHOR = frozenset({"", NULL, "NULL"})
NO_PARENT = frozenset({"", NULL, "NULL", "null", "None", "nil", "0", "root"})
# MongoDB writes {"$oid": "…"}, {"$date": …}, {"$numberLong": "…"}
_EXTENDED = frozenset({"$oid", "$date", "$numberLong", "$numberInt"})
_ESCAPED = re.compile(r"\\\r?\n")


@dataclass(frozen=True)
class Row:
    """One comment as the file has it. `parent` is the id of another row of the file, or None.

    `author` is empty where nobody is named, `title` where the story's is not.
    """

    line: int
    id: str
    author: str
    story: str
    parent: str | None
    created_at: datetime
    text: str
    title: str = ""


class _WrongType(ValueError):
    """The field of that name holds what it cannot."""


def rows(path: Path, columns: Mapping[str, str], html: bool | None = None) -> Iterator[Row | BadRow]:
    """The rows of `path` in order. `columns` maps a field to its name in the file, where they differ.

    `html`: whether texts are HTML; where nobody says (None), those that look like it are refused. A `parent` that means
    none in most exports (`0`, `root`) comes as it is, since a row may have that id. Raises BadFile if the file
    cannot be read, its kind is unknown, a column is missing or a mapped field does not exist.
    """
    unknown = set(columns) - set(FIELDS)
    if unknown:
        raise BadFile(f"There is no field {sorted(unknown)[0]!r}; there are: {', '.join(FIELDS)}.")
    names = {field: columns.get(field, field) for field in FIELDS}
    kind = Path(path.name.removesuffix(".gz")).suffix.lower()
    if kind not in (".csv", ".jsonl"):
        raise BadFile(f"{path.name} must end in .csv or .jsonl, with .gz behind it or not.")
    needed = {name for field, name in names.items() if field not in OPTIONAL or field in columns}
    with files.opened(path) as file:
        found = records.from_csv(file, needed) if kind == ".csv" else records.from_json_lines(file)
        for record in found:
            yield record if isinstance(record, BadRow) else _row(*record, names, html)


def _row(line: int, record: Record, names: Mapping[str, str], html: bool | None) -> Row | BadRow:
    try:
        values = {field: _value(field, record.get(name)) for field, name in names.items()}
    except _WrongType as wrong:
        return BadRow(line, None, f"bad_{wrong}")
    external = values["id"] or None
    reason = _fault(values, html)
    created_at = moments.read(values["created_at"])
    if reason is None and (created_at is None or moments.is_to_come(created_at)):
        reason = "bad_created_at" if created_at is None else "in_future"
    if reason or created_at is None:
        return BadRow(line, None if reason in ("nul", "not_utf8") else external, reason or "bad_created_at")
    return Row(
        line,
        values["id"],
        "" if values["author"] in NO_AUTHOR else values["author"],
        values["story"],
        values["parent"] or None,
        created_at,
        as_typed(values["text"]) if html else values["text"],
        unescape(values["title"]) if html else values["title"],
    )


def _fault(values: Mapping[str, str], html: bool | None) -> str | None:
    """Why no row can be made of the values, apart from its time."""
    if not all(map(files.is_text, values.values())):
        return "not_utf8"
    if any("\0" in value for field, value in values.items() if field != "text"):
        return "nul"  # PostgreSQL could not even be asked for it
    for field in ("id", "story", "created_at", "text"):
        if not values[field].strip():
            return f"no_{field}"
    if len(values["author"]) > LONGEST_NAME_CHARACTERS:
        return "long_author"
    if _ESCAPED.search(values["text"]):
        return "escaped_line"  # MySQL's way, in which other characters are escaped as well
    if html is None and looks_like_html(values["text"]):
        return "looks_like_html"
    return None


def _value(field: str, value: object) -> str:
    """What a field holds, as text. Raises _WrongType for what is neither text nor a number."""
    while isinstance(value, dict) and len(value) == 1 and _EXTENDED.issuperset(value):
        (value,) = value.values()
    if value is None or value == NULL:
        return ""
    if isinstance(value, str):
        return value if field == "text" else value.strip()
    if field in ("text", "title") or isinstance(value, bool) or not isinstance(value, int | float):
        raise _WrongType(field)
    if isinstance(value, float) and field != "created_at":
        raise _WrongType(field)
    return str(value)
