"""Records of an export, each with the line where it begins: what a CSV file or JSON Lines call their fields."""

import csv
import io
import sys
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from app.interchange.files import BadFile, is_text

# a field of a broken file can be endless; a comment cannot
LONGEST_FIELD_CHARACTERS = min(sys.maxsize, 10_000_000)
DELIMITERS = (",", ";", "\t", "|")
csv.field_size_limit(LONGEST_FIELD_CHARACTERS)


# of an export of several files, the file and the line; of a database, the number of the row
Place = int | str
Record = Mapping[str, object]


@dataclass(frozen=True)
class BadRow:
    """A line that is no comment, and why (a code)."""

    line: Place
    id: str | None
    reason: str


@dataclass(frozen=True)
class OldBan:
    """Whom the old system had banned: their id and name there, and their address if it had confirmed it."""

    line: Place
    author_id: str
    name: str
    email: str


Found = tuple[Place, Record] | BadRow | OldBan


def from_csv(file: IO[str], needed: Set[str]) -> Iterator[tuple[int, Record] | BadRow]:
    """The records of a CSV file by its header, which must have the columns `needed`. Raises BadFile."""
    header, delimiter, offset = _header(file, needed)
    cut = csv.reader(file, delimiter=delimiter, strict=True)
    waiting: tuple[int, Record] | None = None
    while True:
        line = cut.line_num + offset + 1
        try:
            cells = next(cut)
        except StopIteration:
            break
        except csv.Error:  # it may have swallowed several
            yield from [waiting] if waiting else []
            waiting = None
            yield from (BadRow(lost, None, "bad_csv") for lost in range(line, cut.line_num + offset + 1))
            continue
        if not cells:
            continue
        short = not needed.isdisjoint(header[len(cells) :])
        if short and waiting:  # the rest of a text that has a line break and no quotes
            yield BadRow(waiting[0], None, "broken_line")
            waiting = None
        yield from [waiting] if waiting else []
        waiting = None
        if short or len(cells) > len(header):
            yield BadRow(line, None, "too_few_fields" if short else "too_many_fields")
        else:
            waiting = line, dict(zip(header, cells, strict=False))
    yield from [waiting] if waiting else []


def from_json_lines(file: IO[str], first: int = 1) -> Iterator[tuple[int, Record] | BadRow]:
    """The objects of a file with one on each line, of which the next is number `first`.

    Raises BadFile if it is a list of them instead.
    """
    for line, text in enumerate(_lines(file), start=first):
        if len(text) > LONGEST_FIELD_CHARACTERS:
            yield BadRow(line, None, "endless_line")
            continue
        if not text.strip():
            continue
        try:
            record = msgspec.json.decode(text.encode(errors="surrogateescape"))
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            record = None
        if isinstance(record, dict):
            yield line, record
        elif line == 1 and text.lstrip().startswith("["):
            raise BadFile(f"{Path(file.name).name} is one JSON list; JSON Lines have an object on each line.")
        elif record is None and text.strip() != "null":
            yield BadRow(line, None, "not_json" if is_text(text) else "not_utf8")
        else:
            yield BadRow(line, None, "not_an_object")


def _lines(file: IO[str]) -> Iterator[str]:
    """The lines of `file`. Of one that has no end, only as much as shows it."""
    while line := file.readline(LONGEST_FIELD_CHARACTERS + 1):
        yield line
        while len(line) > LONGEST_FIELD_CHARACTERS and not line.endswith("\n"):
            line = file.readline(LONGEST_FIELD_CHARACTERS + 1)


def _header(file: IO[str], needed: Set[str]) -> tuple[list[str], str, int]:
    """The names of the columns, what stands between fields, and how many lines the header takes."""
    lines = 1
    first = file.readline()
    if first.lower().startswith("sep="):  # so Excel is told
        lines, first = 2, file.readline()
    headers = {delimiter: _names(first, delimiter) for delimiter in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda one: sum(name in headers[one] for name in needed))
    found = headers[delimiter]
    for name in needed:
        if found.count(name) != 1:
            what = "is no column" if name not in found else "are two columns"
            raise BadFile(f"There {what} {name!r}; there are: {', '.join(found) or 'none'}.")
    return found, delimiter, lines


def _names(line: str, delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader(io.StringIO(line), delimiter=delimiter, strict=True), [])]
    except csv.Error:
        return []
