"""The codes of all problems, with status and sentence, read from the places that raise them: so no list of them is kept
that somebody could forget.
"""

import ast
import inspect
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from threading import Lock
from types import ModuleType
from typing import TypeGuard

from app import language
from app.accounts import standing
from app.billing.sentences import WHY_NOT
from app.errors import Malformed, Refusal, SubscriptionRequired, required_text
from app.language import mark

_PLACE = re.compile(r"%\((\w+)\)s")
# Python 3.11 makes trees of a module for one thread at a time, and fails for the others
_reading = Lock()


@dataclass(frozen=True)
class Problem:
    """What a code stands for: its status, and what a person is told; of that there may be several, or none that is
    known before.
    """

    code: str
    status: int
    sentences: tuple[str, ...]


def problems() -> dict[str, list[Problem]]:
    """Every code that something in this process raises, by code: with each status that it has, the usual one first."""
    with _reading:
        return _read()


@cache
def _read() -> dict[str, list[Problem]]:
    found: defaultdict[str, defaultdict[int, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for code, sentence, status in _raised():
        found[code][status][_PLACE.sub("…", sentence)] = None
    return {
        code: [Problem(code, status, tuple(filter(None, said))) for status, said in by_status.items()]
        for code, by_status in sorted(found.items())
    }


def _raised() -> Iterator[tuple[str, str, int]]:
    """(code, sentence, status) of whatever is raised somewhere."""
    for what, sentence in standing.SENTENCES.items():
        yield standing.CODES.get(what, what), sentence, standing.Restricted.status
    for reason, sentence in WHY_NOT.items():
        if reason.value not in standing.CODES.values():
            yield reason.value, sentence, SubscriptionRequired.status
    for kind in _kinds(Refusal):
        yield kind.code, kind.sentence, kind.status
    # copies: another request may import something meanwhile
    for name, module in sorted(sys.modules.copy().items()):
        if name.startswith("app.") and any(map(_refuses, vars(module).copy().values())):
            yield from _raised_in(module)


def _kinds(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)


def _refuses(value: object) -> bool:
    return value is required_text or (isinstance(value, type) and issubclass(value, Refusal))


def _raised_in(module: ModuleType) -> Iterator[tuple[str, str, int]]:
    for function in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            names = vars(module).copy()
            # in the order of their lines, as a name is given to one sentence after the other
            for node in sorted(filter(_matters, ast.walk(function)), key=lambda node: node.end_lineno or 0):
                if isinstance(node, ast.Assign):
                    names |= _own_sentences(node)
                elif isinstance(node, ast.Call):
                    yield from _made_by(node, names)


def _matters(node: ast.AST) -> TypeGuard[ast.Assign | ast.Call]:
    return isinstance(node, ast.Assign | ast.Call)


def _own_sentences(node: ast.Assign) -> dict[str, str]:
    """What a function calls its sentences: `missing, too_long = mark("…"), mark("…")`."""
    values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    targets = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets
    return {
        target.id: sentence
        for target, value in zip(targets, values, strict=False)
        if isinstance(target, ast.Name) and isinstance(sentence := _meant(value, {"mark": mark}), str)
    }


def _made_by(call: ast.Call, names: Mapping[str, object]) -> Iterator[tuple[str, str, int]]:
    made = _meant(call.func, names)
    given = [_meant(each, names) for each in call.args]
    named = {each.arg: _meant(each.value, names) for each in call.keywords}
    if made is required_text:
        yield f"{given[2]}_required", str(named["missing"]), Malformed.status
        yield f"{given[2]}_too_long", str(named["too_long"]), Malformed.status
    elif isinstance(made, type) and issubclass(made, Refusal):
        code = given[0] if given else made.code
        sentence = given[1] if len(given) > 1 else named.get("sentence", made.sentence)
        if isinstance(code, str):  # else it is one of a table, which is read above
            yield code, sentence if isinstance(sentence, str) else "", made.status


def _meant(node: ast.expr, names: Mapping[str, object]) -> object:
    """What an expression stands for, if it is a word, a name, or a marked sentence."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return names.get(node.id)
        case ast.Attribute():
            owner = _meant(node.value, names)
            return getattr(owner, node.attr, None) if isinstance(owner, ModuleType | type) else None
        case ast.Call(func=function, args=[said, *_rest]) if _meant(function, names) in (mark, language._):
            return _meant(said, names)
    return None
