"""A statement that several threads begin with was put together whole before any of them (db.shared)."""

import ast
from pathlib import Path

from tests.support.repository import REPOSITORY

STATEMENTS = ("select", "union_all", "union_by_name")


def kept(tree: ast.Module) -> list[ast.expr]:
    """What a module keeps of statements: in names of its own, and in functions that remember what they return."""
    own = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    remembered = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and is_remembered(node)]
    returns = [node.value for function in remembered for node in ast.walk(function) if isinstance(node, ast.Return)]
    return [value for value in [*own, *returns] if value is not None and is_statement(value)]


def is_remembered(function: ast.FunctionDef) -> bool:
    gives = ast.unparse(function.returns) if function.returns else ""
    return any("cache" in ast.unparse(each) for each in function.decorator_list) and any(
        each in gives for each in ("Select[", "Insert")
    )


def is_statement(value: ast.expr) -> bool:
    """Whether it ends in a statement: `select(…)`, with whatever is called on that, or what `shared` gives."""
    called = value
    while isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute):
        called = called.func.value
    name = ast.unparse(called.func) if isinstance(called, ast.Call) else ""
    return name in (*STATEMENTS, "shared") or name.startswith("INSERT[")


def test_every_statement_that_is_kept_is_shared() -> None:
    found, bare = 0, []
    for path in sorted((REPOSITORY / "app").rglob("*.py")):
        for value in kept(ast.parse(path.read_text())):
            found += 1
            if not ast.unparse(value).startswith("shared("):
                bare.append(f"{Path(path).relative_to(REPOSITORY)}:{value.lineno}")
    assert (bare, found >= 9) == ([], True)
