"""The rules that the tests themselves keep."""

import ast
import re
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


CLOCKS = {"monotonic", "perf_counter", "process_time", "thread_time", "time"}


def reads_a_clock(node: ast.AST) -> bool:
    """Whether it calls one of the clocks of the module `time`."""
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr.removesuffix("_ns") in CLOCKS
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "time"
        for call in ast.walk(node)
    )


def times(function: ast.AST) -> Iterator[int]:
    """The lines that assert something of how long something took: of a clock, or of what a clock was used for."""
    timed = {
        name.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and reads_a_clock(node.value)
        for target in node.targets
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            names = {name.id for name in ast.walk(node.test) if isinstance(name, ast.Name)}
            if reads_a_clock(node.test) or names & timed:
                yield node.lineno


def test_no_test_asserts_how_long_something_took() -> None:
    """Support may: who waits for something in vain says so in the end."""
    found = [
        f"{path.relative_to(TESTS)}:{line}"
        for path in TESTS.rglob("test_*.py")
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        for line in times(function)
    ]
    assert found == []


def keeps_to_one(path: Path) -> bool:
    """Whether tests of a file choose a database where the fixture `database` would give them both."""
    for call in ast.walk(ast.parse(path.read_text())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args:
            first = call.args[0]
            named = {name.value for name in ast.walk(first) if isinstance(name, ast.Constant)}
            if call.func.attr == "parametrize" and "database" in named:
                return True
            if call.func.attr == "empty" and isinstance(first, ast.Name) and first.id in ("SQLITE", "POSTGRES"):
                return True
    return False


def test_the_papers_name_every_file_that_keeps_to_one_database() -> None:
    papers = (REPOSITORY / "docs" / "development.md").read_text()
    section = papers.partition("## What runs on one database")[2].partition("\n## ")[0]
    # their fixtures are the demo's newspaper, and ask for no database of either kind
    named = set(re.findall(r"^\| `(\S+)` \|", section, re.MULTILINE)) - {
        *("tests/browser/conftest.py", "tests/house/conftest.py")
    }
    assert named == {str(path.relative_to(REPOSITORY)) for path in TESTS.rglob("test_*.py") if keeps_to_one(path)}
