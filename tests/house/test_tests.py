"""The rules that the tests themselves keep."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.repository import REPOSITORY

TESTS = REPOSITORY / "tests"


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_what_tests_share_lies_in_support() -> None:
    for path in TESTS.rglob("*.py"):
        ours = [name for name in imported(path) if name.startswith("tests.")]
        assert [name for name in ours if not name.startswith("tests.support")] == [], path
