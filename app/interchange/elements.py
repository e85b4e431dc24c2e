"""Elements of an XML file of any size, one after the other, out of a parser that believes it nothing.

A document that declares a type or an entity is refused before anything could be expanded or fetched: no system that we
read exports one. Prefixes of names are left out: `dsq:id` is `id`.
"""

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.parsers import expat

from app.interchange.files import BadFile
from app.interchange.records import LONGEST_FIELD_CHARACTERS

_BLOCK_CHARACTERS = 1 << 16
_DEEPEST = 100
# XML allows none of them, and old systems write them all the same; they say nothing
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_TEXT = re.compile("[\ud800-\udfff]")
# stands for what was no text, as the parser takes no lone surrogate; a code point that no text may carry
_SPOILT = "\ufdd0"


@dataclass
class Element:
    """An element of a file: `values` are the texts of what it was asked for, by their paths within it.

    `outer` are those of the element around it that was asked for, as far as they were read before it.
    """

    name: str
    line: int
    outer: Mapping[str, str]
    values: dict[str, str] = field(default_factory=dict)


def read(file: IO[str], wanted: Mapping[str, Set[str]]) -> Iterator[Element]:
    """The elements of `file` at the paths `wanted` ("rss/channel/item"), each with the paths within it that are asked
    for ("title", "author/name", "thread@id"). Raises BadFile.
    """
    collecting = _Collecting(Path(file.name).name, wanted)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = collecting.refuse
    parser.StartElementHandler = lambda name, given: collecting.begin(name, given, parser.CurrentLineNumber)
    parser.EndElementHandler = collecting.end
    parser.CharacterDataHandler = collecting.hear
    try:
        while block := file.read(_BLOCK_CHARACTERS):
            parser.Parse(_NOT_TEXT.sub(_SPOILT, _CONTROLS.sub("", block)))
            yield from collecting.done()
        parser.Parse("", True)
        yield from collecting.done()
    except expat.ExpatError as error:
        broken = f"{collecting.file} is no XML from line {error.lineno} on: {expat.ErrorString(error.code)}."
        raise BadFile(broken) from error


class _Collecting:
    def __init__(self, file: str, wanted: Mapping[str, Set[str]]) -> None:
        self.file = file
        self._wanted = wanted
        self._path: list[str] = []
        self._open: list[Element] = []
        self._done: list[Element] = []
        self._hearing: list[str] | None = None
        self._heard = 0

    def done(self) -> list[Element]:
        """What has ended since it was asked last."""
        done, self._done = self._done, []
        return done

    def refuse(self, *_: object) -> None:
        """A document that declares something."""
        raise BadFile(f"{self.file} declares a document type or entities; no export needs them, and we read none.")

    def begin(self, name: str, given: Mapping[str, str], line: int) -> None:
        """An element begins."""
        self._path.append(_bare(name))
        if len(self._path) > _DEEPEST:
            raise BadFile(f"{self.file} has elements within elements, {_DEEPEST} deep, at line {line}.")
        if (path := "/".join(self._path)) in self._wanted:
            outer = self._open[-1].values if self._open else {}
            self._open.append(Element(path, line, outer))
        within = self._within()
        if within is None:
            return
        for attribute, value in given.items():
            self._keep(f"{within}@{_bare(attribute)}", value)
        if self._is_wanted(within):
            self._hearing, self._heard = [], 0

    def hear(self, text: str) -> None:
        """A piece of text."""
        if self._hearing is None:
            return
        self._heard += len(text)
        if self._heard > LONGEST_FIELD_CHARACTERS:
            raise BadFile(f"{self.file} has an element of more than {LONGEST_FIELD_CHARACTERS:,} characters.")
        self._hearing.append(text)

    def end(self, _name: str) -> None:
        """An element ends."""
        within = self._within()
        if within and self._hearing is not None and self._is_wanted(within):
            self._keep(within, "".join(self._hearing))
            self._hearing = None
        if self._open and self._open[-1].name == "/".join(self._path):
            self._done.append(self._open.pop())
        self._path.pop()

    def _within(self) -> str | None:
        """Where we are in the innermost open element: "" in itself, None where there is none."""
        if not self._open:
            return None
        return "/".join(self._path)[len(self._open[-1].name) + 1 :]

    def _is_wanted(self, within: str) -> bool:
        return within in self._wanted[self._open[-1].name]

    def _keep(self, within: str, value: str) -> None:
        """The first counts: what plugins add comes later."""
        if self._is_wanted(within):
            self._open[-1].values.setdefault(within, value.replace(_SPOILT, "\udcff"))


def _bare(name: str) -> str:
    return name.rpartition(":")[2]
