"""Texts to be scored, out of files of any size: one a line, or one a row in a column of a CSV file.

What is not UTF-8 is refused with its place, not mended: a score of a mended text would be another text's.
"""

import csv
from collections.abc import Iterable, Iterator
from itertools import count
from typing import BinaryIO, NamedTuple

from app.interchange.records import LONGEST_FIELD_CHARACTERS

ID = "id"
# texts and characters that are scored at once, and so held in memory
BATCH_TEXTS = 256
BATCH_CHARACTERS = 250_000


class BadText(ValueError):
    """The input cannot be read on: the message says where, and why."""


class NoColumn(ValueError):
    """A CSV file has not the column that was asked for: the message says which there are."""


class Text(NamedTuple):
    """`id` is the row's own, or the number of the text, from 1."""

    id: str
    text: str


class Lines:
    """The lines of a binary file, decoded, with their ends. `read`: the bytes taken from it so far."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self.name = name
        self.number = 0
        self.read = 0

    def __iter__(self) -> Iterator[str]:
        while raw := self._file.readline(LONGEST_FIELD_CHARACTERS + 1):
            self.number += 1
            self.read += len(raw)
            if len(raw) > LONGEST_FIELD_CHARACTERS:
                raise BadText(f"{self.place}: longer than {LONGEST_FIELD_CHARACTERS:,} bytes")
            yield self._decoded(raw)

    @property
    def place(self) -> str:
        """Where we are, in words."""
        return f"{self.name}, line {self.number}"

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            byte = f"byte {error.start + 1} is 0x{raw[error.start]:02x}"
            raise BadText(f"{self.place}: not UTF-8 ({byte})") from error


def arguments(texts: Iterable[str]) -> list[Text]:
    """Texts as a shell passes them."""
    return [Text(str(number), text) for number, text in enumerate(texts, 1)]


def by_line(lines: Lines) -> Iterator[Text]:
    """Each line is a text, without its end. Raises BadText."""
    for line in lines:
        yield Text(str(lines.number), line.rstrip("\r\n"))


def by_column(lines: Lines, column: str, id_column: str | None = None) -> Iterator[Text]:
    """The texts in a column of a CSV file with a header; ids from `id_column`, by default from one called "id".

    Raises NoColumn at once, BadText where a row is broken.
    """
    rows = csv.reader(lines, strict=True)
    header = _next(rows, lines) or []
    text_at = _place(header, column, lines.name)
    id_at = _place(header, id_column or ID, lines.name) if id_column or ID in header else None
    for number in count(1):
        row = _next(rows, lines)
        if row is None:
            return
        if not row:  # an empty line at the end of the file is no row
            continue
        if max(text_at, id_at or 0) >= len(row):
            raise BadText(f"{lines.place}: a row of {len(row)} columns, and the header has {len(header)}")
        yield Text(str(number) if id_at is None else row[id_at], row[text_at])


def batches(texts: Iterable[Text], most: int = BATCH_TEXTS) -> Iterator[list[Text]]:
    """At most `most` texts at a time, fewer where they are long. What came before a BadText comes before it."""
    batch: list[Text] = []
    characters = 0
    try:
        for text in texts:
            batch.append(text)
            characters += len(text.text)
            if len(batch) >= most or characters >= BATCH_CHARACTERS:
                yield batch
                batch, characters = [], 0
    except BadText:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def _next(rows: Iterator[list[str]], lines: Lines) -> list[str] | None:
    try:
        return next(rows, None)
    except csv.Error as error:
        raise BadText(f"{lines.place}: not CSV ({error})") from error


def _place(header: list[str], column: str, name: str) -> int:
    if column not in header:
        raise NoColumn(f"{name}: there is no column {column!r}; there are: {', '.join(header) or 'none'}")
    return header.index(column)
