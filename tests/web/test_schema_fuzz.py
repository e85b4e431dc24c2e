"""The API's document holds: whatever its schema allows, and much that it does not, no route breaks or answers in a form
that it does not announce. Asked as nobody, as a subscriber and as staff."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.orm import Session

from app.db import Database
from app.limiter import Limiter
from app.models import Account
from app.models.role import ADMINISTRATOR
from app.web.limits import EXTENSION as LIMITS
from config.policy import HouseRules
from tests.support import factories, moderating
from tests.support.callers import Bearer
from tests.support.databases import POSTGRES, SQLITE

CHECKS = [
    *(not_a_server_error, status_code_conformance),
    *(content_type_conformance, response_schema_conformance),
]
ROUTES_OF = "/api/v1/openapi.json"
CALLERS: dict[str, Callable[[Session], Account | None]] = {
    "nobody": lambda _session: None,
    "subscriber": factories.subscriber,
    "staff": lambda session: factories.staff(session, ADMINISTRATOR),
}
SOME, MANY = 5, 60
usual = hypothesis(
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def known(database: Database, house: HouseRules) -> dict[str, str]:
    """Parts of paths that lead to something, by their name."""
    with database.transaction() as session:
        site = factories.site(session, "paper")
        story = factories.story(session, site, "a-story")
        comment = factories.comment(session, story, factories.subscriber(session))
        item = moderating.ask(session, house, comment)
        return {
            "site": site.key,
            "story": story.key,
            "comment": str(comment.id),
            "account": str(comment.account_id),
            "item": str(item.id),
        }


@pytest.mark.parametrize(
    ("caller", "database", "examples"),
    [
        *(
            ("staff", SQLITE, 2 * SOME),
            ("staff", POSTGRES, SOME),
            ("subscriber", SQLITE, SOME),
            ("nobody", SQLITE, SOME),
        ),
        *(pytest.param(*each, MANY, marks=pytest.mark.long) for each in product(CALLERS, (SQLITE, POSTGRES))),
    ],
    indirect=["database"],
)
def test_no_route_breaks_or_answers_what_it_does_not_announce(
    app: Flask, database: Database, bearer: Bearer, known: dict[str, str], caller: str, examples: int
) -> None:
    with database.transaction() as session:
        account = CALLERS[caller](session)

    def headers() -> dict[str, str]:
        """Afresh for each request, as some of them end sessions."""
        if account is None:
            return {}
        with database.reading() as session:
            return bearer(session.get_one(Account, account.id))

    for found in openapi.from_wsgi(ROUTES_OF, app).get_all_operations():
        assert isinstance(found, Ok), "the document is malformed"
        operation = found.ok()
        parts = {name: known[name] for name in known if f"{{{name}}}" in operation.path}
        anything = [operation.as_strategy(mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)]
        somewhere = operation.as_strategy(GenerationMode.POSITIVE, path_parameters=parts) if parts else anything[0]

        @hypothesis(usual, max_examples=examples)
        @given(case=st.one_of(somewhere, *anything))
        def ask(case: Case[Any]) -> None:
            app.extensions[LIMITS] = Limiter()
            case.call_and_validate(headers=headers(), checks=CHECKS)

        ask()
