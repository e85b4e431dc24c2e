"""Records of an export, each with the line where it begins: what a CSV file or JSON Lines call their fields."""

import csv
import io
import re
import sys
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import msgspec

from app.interchange import moments
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


# "0000-00-00 00:00:00", which MySQL has where there is no time, or "1 Jul 2016 10:00:00 BST"; or nothing, as databases
# write it
_DAY = r"[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}|(?:[A-Z][a-z]{2}, )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4}"
_LIKE_A_TIME = re.compile(rf"(?:{_DAY})(?:[ T][0-9:.+A-Zapm -]*)?|\\N|NULL")


@dataclass(frozen=True)
class _Columns:
    """Those of a CSV file: their names, what stands between them, how many a row needs, and where text and time are."""

    names: list[str]
    delimiter: str
    fewest: int
    text: int
    time: int

    @property
    def text_first(self) -> bool:
        """Whether the text stands before the time, so that the rest of a text that was cut may have one, too."""
        return self.text < self.time

    def are_row(self, cells: list[str]) -> bool:
        """Whether these are the cells of a row, by its time or by what looks like one."""
        return len(cells) >= self.fewest and _is_time(cells[self.time])

    def begin(self, line: str) -> bool:
        """Whether a row begins with `line`, wherever it ends."""
        try:
            return self.are_row(next(csv.reader([line], delimiter=self.delimiter), []))
        except csv.Error:
            return False

    def fault(self, lines: list[str], cells: list[str] | None) -> str | None:
        """Why `lines` are no record."""
        if cells is None or self._are_rows(lines):
            return "bad_csv"
        if len(cells) < self.fewest:
            return "too_few_fields"
        return "too_many_fields" if len(cells) > len(self.names) else None

    def _are_rows(self, lines: list[str]) -> bool:
        """Whether a text in quotes may be several rows, of which one opened a quote and another closed it.

        Then a time stands where it does at the end of a row or, if that is where the text is, at its beginning.
        """
        if self.text_first:
            return any(self._has_time(line, self.time - self.text) for line in lines[:-1])
        return any(self._has_time(line, self.time) for line in lines[1:])

    def _has_time(self, line: str, first: int) -> bool:
        """Whether a time stands in `line` behind so many fields or more, whatever its quotes mean."""
        return any(map(_is_time, line.replace('"', "").split(self.delimiter)[first:]))


def _is_time(cell: str) -> bool:
    """Whether a cell is a time, or looks like one."""
    said = cell.strip()
    return moments.read(said) is not None or _LIKE_A_TIME.fullmatch(said) is not None


def from_csv(file: IO[str], needed: Set[str], text: str, time: str) -> Iterator[tuple[int, Record] | BadRow]:
    """The records of a CSV file by its header, which must have the columns `needed`. Raises BadFile.

    Where a text has a line break and no quotes, its first line alone may look like a comment, or its last. So a row
    waits for the next, and is refused where none begins: where nothing in the column `time` is one. If the column
    `text` stands before it, a row is refused that follows no row.
    """
    header, delimiter, before = _header(file, needed)
    places = {name: header.index(name) for name in needed}
    columns = _Columns(header, delimiter, 1 + max(places.values()), places[text], places[time])
    waiting: tuple[int, Record] | None = None
    next_line, is_row = before + 1, True
    for lines, cells in _cut(file, delimiter):
        line, next_line = next_line, next_line + len(lines)
        if cells == []:
            continue
        after_row, is_row = is_row, columns.begin(lines[0]) if cells is None else columns.are_row(cells)
        if waiting:
            yield waiting if is_row else BadRow(waiting[0], None, "broken_line")
            waiting = None
        is_rest = is_row and columns.text_first and not after_row
        if fault := columns.fault(lines, cells) or ("broken_line" if is_rest else None):
            yield from (BadRow(lost, None, fault) for lost in range(line, next_line))
            continue
        record = line, dict(zip(header, cells or (), strict=False))
        if is_row and len(record[1]) > columns.time + 1:
            waiting = record
        else:  # a time at its end is not cut
            yield record
    yield from [waiting] if waiting else []


def _cut(file: IO[str], delimiter: str) -> Iterator[tuple[list[str], list[str] | None]]:
    """The lines of each row of `file`, and its cells; None for the cells of what is no CSV."""
    lines: list[str] = []
    rows = csv.reader(_noted(file, lines), delimiter=delimiter, strict=True)
    while True:
        lines.clear()
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:  # it may have swallowed several
            cells = None
        yield lines, cells


def _noted(file: IO[str], lines: list[str]) -> Iterator[str]:
    for line in file:
        lines.append(line)
        yield line


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
