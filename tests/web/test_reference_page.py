"""GET /api: the reference, made from the document."""

import re

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.web.reference import page
from config.policy import HouseRules
from tests.support import factories
from tests.support.callers import OpenBrowser
from tests.support.databases import SQLITE

pytestmark = pytest.mark.parametrize("database", [SQLITE], indirect=True)


def test_every_operation_problem_and_shape_of_the_document_has_its_place(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    text = client.get("/api").text
    places = re.findall(r'id="([^"]+)"', text)
    assert len(places) == len(set(places))
    assert {operation["operationId"] for operation in operations} < set(places)
    assert set(document["components"]["examples"]) < set(places)
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(places)
    assert all(f"For {word}" in text for word in ("everyone", "a subscriber", "the staff of the newspaper"))
    assert f"{document['paths']['/api/v1/tokens']['post']['description'].splitlines()[0]}" in text


def test_limits_are_those_of_the_house(client: FlaskClient, house: HouseRules) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    said = document["paths"]["/api/v1/stories/{story}/comments"]["post"]["description"]
    assert f"{house.at({}).limits.posts_per_day} times a day" in said
    assert "{" not in said


def test_it_is_in_english_and_made_once_for_readers_of_languages_that_nobody_has_translated(
    browser: OpenBrowser, database: Database
) -> None:
    page._reference.cache_clear()
    for language in ("en", "xx", "tlh"):
        with database.transaction() as session:
            reader = factories.account(session)
            reader.language = language
        assert '<div lang="en"' in browser(reader).get("/api").text
    assert page._reference.cache_info().currsize == 1
