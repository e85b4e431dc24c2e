"""The API's document: what its schemas are called; and that the program which compares two of them sees differences."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web.openapi import document
from tests.support.openapi_same import compare

Document = dict[str, Any]


@pytest.fixture
def ours(app: Flask) -> Document:
    return document()


def test_no_schema_is_called_after_the_place_of_its_module(ours: Document) -> None:
    assert [name for name in ours["components"]["schemas"] if "." in name] == []


def test_every_reference_leads_to_a_schema(ours: Document) -> None:
    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*(references(part) for part in value.values()))
        return set().union(*(references(part) for part in value)) if isinstance(value, list) else set()

    assert references(ours) <= {f"#/components/schemas/{name}" for name in ours["components"]["schemas"]}


def test_the_document_is_served_as_it_is_made(ours: Document, client: FlaskClient) -> None:
    assert client.get("/api/v1/openapi.json").get_json() == json.loads(json.dumps(ours))


def test_a_document_is_the_same_as_itself(ours: Document) -> None:
    found = compare(ours, copy.deepcopy(ours))
    assert (found.differences, found.renamed) == ([], {})
    assert found.names.keys() == ours["components"]["schemas"].keys()


def test_a_schema_that_loses_the_path_of_its_module_is_the_same(ours: Document) -> None:
    old = json.loads(json.dumps(ours).replace("schemas/StoryView", "schemas/app.a.StoryView"))
    old["components"]["schemas"]["app.a.StoryView"] = old["components"]["schemas"].pop("StoryView")
    found = compare(old, ours)
    assert (found.differences, found.renamed) == ([], {"app.a.StoryView": "StoryView"})


def test_a_reference_that_lacked_the_path_of_its_schema_is_the_same(ours: Document) -> None:
    old = copy.deepcopy(ours)
    old["components"]["schemas"]["app.a.NoticeView"] = old["components"]["schemas"].pop("NoticeView")
    found = compare(old, ours)
    assert (found.differences, found.renamed) == ([], {"app.a.NoticeView": "NoticeView"})
    assert found.nowhere == {("NoticeView", "NoticeView")}


def _another_type(document: Document) -> None:
    document["components"]["schemas"]["StoryView"]["properties"]["title"]["type"] = "integer"


def _one_field_less(document: Document) -> None:
    del document["components"]["schemas"]["CommentView"]["properties"]["respects"]


def _another_status(document: Document) -> None:
    answers = document["paths"]["/api/v1/me"]["get"]["responses"]
    answers["201"] = answers.pop("200")


def _one_route_less(document: Document) -> None:
    del document["paths"]["/api/v1/counts"]


def _one_schema_less(document: Document) -> None:
    del document["components"]["schemas"]["CountsQuery"]


def _open_to_everyone(document: Document) -> None:
    del document["paths"]["/api/v1/me"]["get"]["security"]


def _another_name(document: Document) -> None:
    schemas = document["components"]["schemas"]
    schemas["Myself"] = schemas.pop("Me")
    document["paths"]["/api/v1/me"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = {
        "$ref": "#/components/schemas/Myself"
    }


@pytest.mark.parametrize(
    "change",
    [
        _another_type,
        _one_field_less,
        _another_status,
        _one_route_less,
        _one_schema_less,
        _open_to_everyone,
        _another_name,
    ],
)
def test_whatever_else_changes_is_found(ours: Document, change: Callable[[Document], None]) -> None:
    new = copy.deepcopy(ours)
    change(new)
    assert compare(ours, new).differences
