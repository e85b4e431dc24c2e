"""Whose export a file is, and who reads it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.interchange import coral, disqus, files, isso, remark42, wordpress
from app.interchange.files import BadFile
from app.interchange.records import Found

CSV, JSON_LINES = ROWS = ("csv", "jsonl")
_BEGIN_BYTES = 4096
_ROOT = re.compile(rb"<(\w+)[\s>]")


@dataclass(frozen=True)
class System:
    """An export that says itself what it holds. `html`: whether its texts are HTML."""

    read: Callable[[Path], Iterator[Found]]
    html: bool


SYSTEMS = {
    "disqus": System(disqus.records, html=True),
    "wordpress": System(wordpress.records, html=True),
    "coral": System(coral.read, html=True),
    "remark42": System(remark42.read, html=True),
    "isso": System(isso.records, html=False),
}
_ROOTS = {disqus.ROOT.encode(): "disqus", wordpress.ROOT.encode(): "wordpress"}


def recognised(path: Path) -> str:
    """What `path` is, by its name and how it begins: one of ROWS or SYSTEMS. Raises BadFile."""
    if path.is_dir():
        return "coral"
    kind = Path(path.name.removesuffix(".gz")).suffix.lower().removeprefix(".")
    if kind == CSV:
        return CSV
    begin = files.head(path, _BEGIN_BYTES)
    if begin.startswith(isso.MAGIC):
        return "isso"
    if remark42.is_backup(begin):
        return "remark42"
    if kind == JSON_LINES:
        return JSON_LINES
    root = _ROOT.search(begin)
    if root and root[1] in _ROOTS:
        return _ROOTS[root[1]]
    raise BadFile(f"{path.name} is no export that we know: .csv, .jsonl, or one of {', '.join(SYSTEMS)}.")
