"""Rows of a file of comments: CSV or JSON Lines, plain or gzipped, with the columns called whatever they are called."""

import csv
import gzip
import io
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

import msgspec

from app import ids

FIELDS = ("id", "author", "story", "parent", "created_at", "text")
OPTIONAL = frozenset({"parent"})
# a field of a broken file can be endless; a comment cannot
LONGEST_FIELD_CHARACTERS = min(sys.maxsize, 10_000_000)
csv.field_size_limit(LONGEST_FIELD_CHARACTERS)


class BadFile(ValueError):
    """The file cannot be read as a whole: its kind or its columns are wrong."""


@dataclass(frozen=True)
class Row:
    """One comment as the file has it. `parent` is the id of another row of the file, or None."""

    line: int
    id: str
    author: str
    story: str
    parent: str | None
    created_at: datetime
    text: str


@dataclass(frozen=True)
class BadRow:
    """A line that is no comment, and why (a code)."""

    line: int
    id: str | None
    reason: str


def rows(path: Path, columns: Mapping[str, str]) -> Iterator[Row | BadRow]:
    """The rows of `path` in order. `columns` maps a field to its name in the file, where they differ.

    Raises BadFile if the file's kind is unknown, a column is missing or a mapped field does not exist.
    """
    unknown = set(columns) - set(FIELDS)
    if unknown:
        raise BadFile(f"there is no field {sorted(unknown)[0]!r}; there are: {', '.join(FIELDS)}")
    names = {field: columns.get(field, field) for field in FIELDS}
    kind = Path(path.name.removesuffix(".gz")).suffix.lower()
    if kind not in (".csv", ".jsonl"):
        raise BadFile(f"{path.name} must end in .csv or .jsonl, with .gz behind it or not")
    with _opened(path) as file:
        yield from _csv(file, names) if kind == ".csv" else _json_lines(file, names)


def lines(path: Path) -> int:
    """How many lines `path` has: the length of the way through it."""
    with _raw(path) as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def _opened(path: Path) -> IO[str]:
    # broken UTF-8 becomes U+FFFD in one comment rather than the end of all others
    return io.TextIOWrapper(_raw(path), encoding="utf-8-sig", errors="replace", newline="")


def _raw(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _csv(file: IO[str], names: Mapping[str, str]) -> Iterator[Row | BadRow]:
    records = csv.DictReader(file)
    missing = [
        name for field, name in names.items() if name not in (records.fieldnames or ()) and field not in OPTIONAL
    ]
    if missing:
        raise BadFile(f"there is no column {missing[0]!r}; there are: {', '.join(records.fieldnames or ())}")
    while True:
        try:
            record = next(records)
        except StopIteration:
            return
        except csv.Error:
            yield BadRow(records.line_num + 1, None, "bad_csv")
            continue
        yield _row(records.line_num, record, names)


def _json_lines(file: IO[str], names: Mapping[str, str]) -> Iterator[Row | BadRow]:
    for line, text in enumerate(file, start=1):
        if not text.strip():
            continue
        try:
            record = msgspec.json.decode(text.encode(errors="replace"))
        except (msgspec.DecodeError, RecursionError):
            yield BadRow(line, None, "not_json")
            continue
        yield _row(line, record, names) if isinstance(record, dict) else BadRow(line, None, "not_an_object")


def _row(line: int, record: Mapping[str, object], names: Mapping[str, str]) -> Row | BadRow:
    values = {field: _text(record.get(name)) for field, name in names.items()}
    if any("\0" in value for field, value in values.items() if field != "text"):
        return BadRow(line, None, "nul")  # PostgreSQL could not even be asked for it
    external = values["id"].strip() or None
    for field in FIELDS:
        if field not in OPTIONAL and not values[field].strip():
            return BadRow(line, external, f"no_{field}")
    created_at = _moment(values["created_at"].strip())
    if created_at is None:
        return BadRow(line, external, "bad_created_at")
    return Row(
        line,
        values["id"].strip(),
        values["author"].strip(),
        values["story"].strip(),
        values["parent"].strip() or None,
        created_at,
        values["text"],
    )


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)


def _moment(value: str) -> datetime | None:
    """ISO 8601 (UTC if it names no zone) or seconds since 1970; None if it is neither or no id could hold it."""
    try:
        if value.replace(".", "", 1).isdigit():
            moment = datetime.fromtimestamp(float(value), UTC)
        else:
            moment = datetime.fromisoformat(value)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        ids.first_at(moment)
    except (ValueError, OverflowError, OSError):
        return None
    return moment
