"""One word, one meaning: identifiers go by docs/glossary.md where a word has gone wrong before."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.repository import REPOSITORY

# word: the only places where a name that we give may begin a part with it ("held" is also in held_before)
PLACES: dict[str, tuple[str, ...]] = {
    # a field of a signed token; and what two readers say of one subscription, by the code that rows carry
    "claim": (
        "app/billing/link_by_token",
        "app/billing/links",
        "app/sign_in/bearer_tokens",
        "app/sign_in/oidc",
        "app/sign_in/paper_tokens",
        "app/web/context",
    ),
    # a comment waits for a moderator, or would; in the answers to programs also who pays
    "held": (
        *("app/models/comment", "app/models/assessment", "app/models/webhook"),
        *("app/screening", "app/signals", "app/thresholds"),
    ),
    "hold": (
        *("app/signals", "app/thresholds", "app/cli/scorer_evaluation", "config/rules"),
        *("app/moderation/casefile", "app/web/desk/views"),
    ),
    # what lapses by itself
    "lease": ("app/jobs", "app/models/job", "app/billing/entitlement", "app/webhooks/deliveries", "config/rules"),
    "pace": (),
    # HTML for a person
    "page": ("app/web", "app/demo", "app/simulator", "app/billing/checkout"),
    "passage": ("app/toxicity",),
    # a person
    "reader": (
        *("app/cli/billing", "app/common_ground", "app/demo", "app/models/webhook", "app/moderation", "app/web"),
        "config/rules",
    ),
    # what readers send to moderators
    "report": (
        *("app/accounts/quarantine", "app/demo", "app/models", "app/moderation", "app/notifications"),
        *("app/review_queue", "app/threads/mine", "app/web", "config/rules"),
    ),
    # what a person is told
    "sentence": (
        *("app/accounts", "app/billing", "app/comments", "app/mail", "app/moderation", "app/payers", "app/sign_in"),
        *("app/errors", "app/gateway/client", "app/notifications", "app/web"),
    ),
    "throttle": ("app/billing", "app/gateway", "app/models"),
}


@pytest.mark.parametrize("word", PLACES)
def test_a_word_stands_only_for_what_it_means(word: str) -> None:
    wrong = {
        f"{place}: {name}"
        for place, names in files()
        if not place.startswith(PLACES[word])
        for name in (Path(place).name, *names)
        if speaks_of(name, word)
    }
    assert wrong == set()


def test_every_word_that_is_looked_for_is_explained() -> None:
    glossary = (REPOSITORY / "docs/glossary.md").read_text()
    explained = re.findall(r"\*\*([a-z ]+)\*\*", glossary)
    # what is fast is a throttle's or a rate limit's business, and is called by those
    assert {word for word in PLACES if PLACES[word]} - {"hold"} <= set(explained)
    assert len(set(explained)) == len(explained)


def test_a_name_in_the_wrong_place_is_found() -> None:
    tree = ast.parse("def leased(claims, page=1):\n    each.holder = claims.reader\n    class HTMLPage: pace: int")
    found = {word for word in PLACES for name in given_names(tree) if speaks_of(name, word)}
    assert found == {"lease", "claim", "page", "hold", "pace"}
    assert not any(speaks_of(name, word) for word in PLACES for name in ("threshold", "space", "LEAST_HOUSEHOLD"))


@cache
def files() -> list[tuple[str, frozenset[str]]]:
    """Every source by its path without the ending, and the names that it gives. They are read once for all words."""
    return [
        (path.relative_to(REPOSITORY).with_suffix("").as_posix(), frozenset(given_names(ast.parse(path.read_text()))))
        for folder in ("app", "config")
        for path in (REPOSITORY / folder).rglob("*.py")
    ]


def given_names(tree: ast.Module) -> Iterator[str]:
    """The names that a source gives: of functions, classes, parameters, variables and fields, not what it only uses."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def speaks_of(name: str, word: str) -> bool:
    """Whether a part of the name, in whichever case it is written, begins with the word."""
    return any(part.lower().startswith(word) for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name))
