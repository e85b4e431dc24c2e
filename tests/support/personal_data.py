"""The table of docs/personal-data.md, read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.repository import REPOSITORY

PAGE = REPOSITORY / "docs/personal-data.md"
NOTHING = "–"


@dataclass(frozen=True)
class Column:
    """What the page says of one column."""

    table: str
    name: str
    personal: str
    download: str
    erased: str
    kept: str


def columns() -> Iterator[Column]:
    """Every column that the page names, in its order."""
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            table, names, *rest = cells
            for name in re.findall(r"`(\w+)`", names):
                yield Column(table.strip("`"), name, *rest)
