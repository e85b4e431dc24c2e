"""Every sentence that a reader sees can be translated: templates and programs hold none that gettext does not know."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment

from tests.support.repository import REPOSITORY
from tests.support.sight import seen

# the reference is for developers, in the English of the document that it shows
REFERENCE = {f"reference/{name}.html" for name in ("parts", "reference")}
TEMPLATES = [
    path
    for path in sorted((REPOSITORY / "app/web/templates").rglob("*.html"))
    if f"{path.parent.name}/{path.name}" not in REFERENCE
]
# operators, developers, Google's API and the demo's make-believe paper speak English
FOR_OPERATORS = {"cli", "demo", "perspective", "simulator", "thresholds", "toxicity", "training", "reference"}
PROGRAMS = [
    path
    for path in sorted((REPOSITORY / "app").rglob("*.py"))
    if not FOR_OPERATORS & set(path.relative_to(REPOSITORY).parts)
]
GETTEXT = {"_", "mark", "form"}
# blocks that fill an attribute
NOT_SHOWN_BLOCKS = {"breadth"}
PROPER_NAMES = {"UTC", "OpenAPI 3.1"}
_SENTENCE = re.compile(r"[A-ZÀ-Þ“][^/=<{]* [^/=<{]*[.?!…]$")


def bare_in_template(source: str) -> list[str]:
    """What a template says without gettext: text outside of {% trans %}, and words among the strings in expressions."""
    html, words, block, earlier = "", [], "", ["", ""]
    for _line, kind, value in Environment(extensions=["jinja2.ext.i18n"]).lex(source):
        if kind == "whitespace":
            continue
        ends = earlier[-1] == "block_begin" and value in ("trans", "endtrans", "endblock")
        if ends or earlier == ["block_begin", "block"]:
            block = value
        elif kind == "data" and block not in {"trans", *NOT_SHOWN_BLOCKS}:
            html += value
        elif kind == "string" and earlier != ["_", "("] and re.match(r"[A-ZÀ-Þ][a-zà-þ]+( |$)", value[1:-1]):
            words.append(value)
        earlier = [earlier[-1], value if kind in ("name", "operator") else kind]
    return words + [text for text in seen(html) if text not in PROPER_NAMES]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_a_template_says_nothing_without_gettext(template: Path) -> None:
    assert bare_in_template(template.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Hello</p>",
        "<p>{% trans %}Hello{% endtrans %} you</p>",
        "{% block title %}Hello{% endblock %}",
        '<img alt="A picture">',
        '<nav aria-label="{% if x %}Pages{% endif %}"></nav>',
        '{{ field("name", "Display name") }}',
        "{% if x %}<b>yes</b>{% else %}{% endif %}",
    ],
)
def test_bare_text_in_a_template_is_found(source: str) -> None:
    assert bare_in_template(source)


def bare_in_program(source: str) -> list[str]:
    """Sentences that stand outside of gettext, and refusals and flashes that are told in a bare string."""
    tree = ast.parse(source)
    told = {id(part) for call in _calls(tree) if _name(call) in GETTEXT for part in ast.walk(call)}
    documenting = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and ast.get_docstring(node) is not None
        and isinstance(node.body[0], ast.Expr)
    }
    inward = {id(part) for call in _calls(tree) if _is_for_programmers(call) for part in ast.walk(call)}
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    found = [node.value for node in strings if id(node) not in told | documenting | inward]
    return [str(text) for text in found if _SENTENCE.match(str(text))] + list(_bare_arguments(tree))


def _bare_arguments(tree: ast.AST) -> Iterator[str]:
    """What is flashed, and the second argument of whatever is made of a code and a sentence, as refusals are."""
    for call in _calls(tree):
        made = _name(call)[:1].isupper() and not _is_for_programmers(call)
        spoken = call.args[:1] if _name(call) == "flash" else call.args[1:2] if made else []
        bare = [ast.unparse(part) for part in spoken if isinstance(part, ast.Constant | ast.JoinedStr)]
        yield from (text for text in bare if " " in text)


def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _name(call: ast.Call) -> str:
    return (
        call.func.id
        if isinstance(call.func, ast.Name)
        else call.func.attr
        if isinstance(call.func, ast.Attribute)
        else ""
    )


def _is_for_programmers(call: ast.Call) -> bool:
    return _name(call).endswith(("Error", "Counter", "Histogram", "Meta"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_a_program_says_nothing_without_gettext(program: Path) -> None:
    assert bare_in_program(program.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        'SORRY = "That cannot be done."',
        'flash("Thank you", "good")',
        'flash(f"Thank you, {name}", "good")',
        'raise Conflict("taken", "Too late")',
        'raise AlreadySubscribed("taken", f"Too late for {name}")',
    ],
)
def test_a_bare_sentence_in_a_program_is_found(source: str) -> None:
    assert bare_in_program(source)
