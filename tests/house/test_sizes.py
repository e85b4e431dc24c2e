"""The bars of size: what is small is read, and what stands once is changed once."""

import ast
import statistics
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.support.repository import REPOSITORY

SOURCES = sorted(path for folder in ("app", "config") for path in (REPOSITORY / folder).rglob("*.py"))

MOST_LINES_OF_A_FILE = 300
MEDIAN_LINES_OF_A_FILE = 90
MOST_LINES_OF_A_FUNCTION = 40
MOST_PARAMETERS = 6
MOST_LINES_TWICE = 8

Function = ast.FunctionDef | ast.AsyncFunctionDef


def test_no_file_is_a_tome_and_half_of_them_are_a_page() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in SOURCES}
    assert {file: lines for file, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE} == {}
    assert statistics.median(lengths.values()) < MEDIAN_LINES_OF_A_FILE


def test_no_function_is_longer_than_a_screen() -> None:
    lengths = {place: node.end_lineno - node.lineno + 1 for place, node in functions() if node.end_lineno}
    long = {place: lines for place, lines in lengths.items() if lines > MOST_LINES_OF_A_FUNCTION}
    assert long == {}


def test_no_function_takes_more_than_a_handful_of_parameters() -> None:
    counts = {place: len(parameters(node)) for place, node in functions() if not is_command(node)}
    many = {place: count for place, count in counts.items() if count > MOST_PARAMETERS}
    assert many == {}


def test_no_logic_stands_twice() -> None:
    places: defaultdict[str, set[str]] = defaultdict(set)
    for path in SOURCES:
        for first, logic in runs(ast.parse(path.read_text())):
            places[logic].add(f"{name(path)}:{first.lineno}")
    assert [twice for twice in places.values() if len(twice) > 1] == []


def test_the_detector_sees_a_copy_with_other_comments_and_no_table() -> None:
    once = "def a():\n" + "".join(f"    step({number})\n" for number in range(9))
    again = "def b(x):\n    '''Other words.'''\n" + "".join(f"    # why\n    step({n})\n\n" for n in range(9))
    short = "def c():\n" + "".join(f"    step({number})\n" for number in range(8))
    table = "TABLE = {\n" + "".join(f"    {number}: 'word',\n" for number in range(9)) + "}\n"
    (first,) = {logic for _, logic in runs(ast.parse(once))}
    (second,) = {logic for _, logic in runs(ast.parse(again))}
    assert first == second
    assert list(runs(ast.parse(short))) == list(runs(ast.parse(table))) == []


def name(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def functions() -> Iterator[tuple[str, Function]]:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, Function):
                yield f"{name(path)}:{node.name}", node


def parameters(function: Function) -> list[str]:
    given = function.args
    every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    return [each.arg for each in every if each and each.arg not in ("self", "cls")]


def is_command(function: Function) -> bool:
    """Whether click calls it: `@main.command(...)`. Its parameters are what a person may type."""
    called = [each.func for each in function.decorator_list if isinstance(each, ast.Call)]
    return any(isinstance(each, ast.Attribute) and each.attr == "command" for each in called)


def runs(tree: ast.Module) -> Iterator[tuple[ast.stmt, str]]:
    """The logic of a file in pieces that are just long enough: the statement where each begins, and what it says.

    A piece is a run of neighbouring statements within a function which together first exceed MOST_LINES_TWICE lines
    of code. Any longer copy of logic contains one, and two that say the same are the same syntax with the same names:
    blank lines, comments, line breaks and docstrings don't tell them apart. What stands outside functions (imports,
    tables, fields) and what only lists values is no logic. A copy with other names goes unseen, rather than that
    two things which merely look alike are found.
    """
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    for block in (block for function in functions for block in within(function)):
        for start, first in enumerate(block):
            taken: list[ast.stmt] = []
            for statement in block[start:]:
                taken.append(statement)
                if len(set().union(*map(lines_of_code, taken))) > MOST_LINES_TWICE:
                    yield first, "\n".join(map(ast.dump, taken))
                    break


def within(function: Function) -> Iterator[list[ast.stmt]]:
    """Every block of statements in `function`, without docstrings."""
    for node in ast.walk(function):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield [each for each in block if not is_docstring(each)]


def is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def lines_of_code(statement: ast.stmt) -> set[int]:
    """The lines on which something of `statement` begins or ends, so neither blank lines nor comments."""
    nodes = [node for node in ast.walk(statement) if isinstance(node, ast.expr | ast.stmt)]
    return {line for node in nodes for line in (node.lineno, node.end_lineno) if line}
