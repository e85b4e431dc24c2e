"""The text of an export, whatever it is packed and encoded in."""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

# the longer mark first: that of UTF-32 begins with that of UTF-16
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LONGEST_MARK = 4
_LEFT_OVER = re.compile("[\ud800-\udfff]")


class BadFile(ValueError):
    """The file cannot be read as a whole; the message is a sentence that says why."""


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """The text of `path`, with line ends as they are. A byte that is no UTF-8 is a lone surrogate in it.

    Raises BadFile, also from within the block, where the file cannot be read on.
    """
    try:
        with _raw(path) as raw:
            yield io.TextIOWrapper(raw, encoding=_encoding(path), errors="surrogateescape", newline="")
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        raise BadFile(f"{path.name} cannot be read: {error}.") from error


def is_text(text: str) -> bool:
    """Whether all of what was read was text."""
    return _LEFT_OVER.search(text) is None


def lines(path: Path) -> int:
    """How many lines `path` has, nearly: the length of the way through it. Raises BadFile."""
    try:
        with _raw(path) as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    except (OSError, EOFError, zlib.error) as error:
        raise BadFile(f"{path.name} cannot be read: {error}.") from error


def _encoding(path: Path) -> str:
    with _raw(path) as file:
        head = file.read(_LONGEST_MARK)
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    if b"\0" in head:
        raise BadFile(f"{path.name} seems to be UTF-16 without the mark that says so; please save it as UTF-8.")
    return "utf-8"


def _raw(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")
