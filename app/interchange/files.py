"""The bytes and the text of an export, whatever it is packed and encoded in."""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

# the longer mark first: that of UTF-32 begins with that of UTF-16
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LONGEST_MARK = 4
_GZIP = b"\x1f\x8b"
_LEFT_OVER = re.compile("[\ud800-\udfff]")
# comments pack to a fifth or a tenth; what packs much better is nothing but repetition, made to fill a disk
MOST_PACKED = 200
UNPACKED_AT_LEAST = 64 * 1024 * 1024


class BadFile(ValueError):
    """The file cannot be read as a whole; the message is a sentence that says why."""


@contextmanager
def opened(path: Path) -> Iterator[IO[str]]:
    """The text of `path`, with line ends as they are. A byte that is no UTF-8 is a lone surrogate in it.

    Raises BadFile, also from within the block, where the file cannot be read on.
    """
    with _told(path), _raw(path) as raw:
        yield io.TextIOWrapper(raw, encoding=_encoding(path), errors="surrogateescape", newline="")


def head(path: Path, length: int) -> bytes:
    """The first bytes of `path`, unpacked. Raises BadFile."""
    with _told(path), _raw(path) as raw:
        return raw.read(length)


def is_text(text: str) -> bool:
    """Whether all of what was read was text."""
    return _LEFT_OVER.search(text) is None


class _Unpacked(io.RawIOBase):
    """What a gzip file holds, as long as it is not packed against all likelihood."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._packed = packed
        self.name = packed.name
        self._unpacked = gzip.GzipFile(fileobj=packed)
        self._length = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        got = self._unpacked.readinto(buffer)
        self._length += got
        if self._length > max(UNPACKED_AT_LEAST, MOST_PACKED * self._packed.tell()):
            raise EOFError(f"it unpacks to more than {MOST_PACKED} times its size")
        return got

    def close(self) -> None:
        self._packed.close()
        super().close()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error, UnicodeError) as error:
        raise BadFile(f"{path.name} cannot be read: {error}.") from error


def _encoding(path: Path) -> str:
    with _raw(path) as file:
        begin = file.read(_LONGEST_MARK)
    for mark, encoding in _MARKS.items():
        if begin.startswith(mark):
            return encoding
    if b"\0" in begin:
        raise BadFile(f"{path.name} seems to be UTF-16 without the mark that says so; please save it as UTF-8.")
    return "utf-8"


def _raw(path: Path) -> io.BufferedReader:
    file = path.open("rb")
    if path.suffix != ".gz" and file.peek(len(_GZIP))[: len(_GZIP)] != _GZIP:
        return file
    return io.BufferedReader(_Unpacked(file))
