"""Where README and the papers send their readers, there is something."""

import re
from pathlib import Path

import pytest

from tests.support.repository import REPOSITORY

PAGES = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]
FILE = re.compile(r"`((?:app|benchmarks|config|docs|tests)/[\w/.-]+\.(?:md|py|toml))`")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_its_links_and_the_files_it_names_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for place, heading in LINK.findall(text):
        target = page.parent / place if place else page
        assert target.exists(), place
        assert not heading or heading in headings(target), f"{place}#{heading}"
    for file in FILE.findall(text):
        assert (REPOSITORY / file).exists(), file


def headings(page: Path) -> list[str]:
    """Of each the name by which GitHub links to it."""
    lines = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines]
