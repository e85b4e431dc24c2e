"""The API's document: what its schemas are called; and that the program which compares two of them sees differences."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator

from app.web.application import declare_routes
from app.web.endpoint import ENDPOINTS, Audience
from app.web.reference import refusals
from app.web.reference.document import document
from app.web.reference.problems import IN_THE_WORDS_OF_THE_CASE
from config.policy import HouseRules
from tests.support import told
from tests.support.openapi_same import compare

Document = dict[str, Any]


def _operations(document: Document) -> Iterator[Document]:
    for path in document["paths"].values():
        yield from path.values()


def _examples(document: Document) -> Iterator[tuple[str, Document, Any]]:
    """(where it stands, what it should be, the example) of whatever has one."""
    for operation in _operations(document):
        name = operation["operationId"]
        for parameter in operation["parameters"]:
            yield f"{name} {parameter['name']}", parameter["schema"], parameter["example"]
        for status, answer in {"body": operation.get("requestBody", {}), **operation["responses"]}.items():
            for content in answer.get("content", {}).values():
                if "example" in content:
                    yield f"{name} {status}", content["schema"], content["example"]
    for code, example in document["components"]["examples"].items():
        yield code, {"$ref": "#/components/schemas/Problem"}, example["value"]


def _schema_of_body(document: Document, operation: Document) -> Document:
    name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return dict(document["components"]["schemas"][name])


@pytest.fixture
def ours(house: HouseRules) -> Document:
    declare_routes()
    return document(house.at({}).limits)


def test_no_schema_is_called_after_the_place_of_its_module(ours: Document) -> None:
    assert [name for name in ours["components"]["schemas"] if "." in name] == []


def test_every_reference_leads_to_a_schema(ours: Document) -> None:
    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*(references(part) for part in value.values()))
        return set().union(*(references(part) for part in value)) if isinstance(value, list) else set()

    assert references(ours) <= {f"#/components/{kind}/{name}" for kind, of in ours["components"].items() for name in of}


def test_every_example_is_what_its_schema_describes(ours: Document) -> None:
    wrong = [
        f"{where}: {error.message}"
        for where, schema, example in _examples(ours)
        for error in Draft202012Validator({**schema, "components": ours["components"]}).iter_errors(example)
    ]
    assert wrong == []


def test_every_operation_is_explained_with_examples(ours: Document) -> None:
    lacking = [
        f"{operation['operationId']} {what}"
        for operation in _operations(ours)
        for what, said in {
            "summary": operation["summary"],
            "description": operation["description"],
            "subject": [tag for tag in operation["tags"] if tag in {known["name"] for known in ours["tags"]}],
            **{f"{each['in']} {each['name']}": each["description"] for each in operation["parameters"]},
            **{f"{each['in']} {each['name']}, example": each["example"] for each in operation["parameters"]},
            "body": "requestBody" not in operation or _schema_of_body(ours, operation).get("description"),
        }.items()
        if said in ("", None, [])
    ]
    assert lacking == []


def test_every_body_example_is_taken(ours: Document) -> None:
    shapes = {declared.view.__name__: declared.takes for declared in ENDPOINTS if declared.audience is Audience.API}
    for operation in _operations(ours):
        if "requestBody" in operation:
            example = operation["requestBody"]["content"]["application/json"]["example"]
            msgspec.convert(example, shapes[operation["operationId"]])


def test_every_code_has_one_example_with_its_own_status(ours: Document) -> None:
    codes = ours["components"]["examples"]
    for operation in _operations(ours):
        for status, answer in operation["responses"].items():
            shown = answer.get("content", {}).get("application/problem+json", {}).get("examples", {})
            assert {str(codes[code]["value"]["status"]) for code in shown} <= {status}
            assert all(name.partition("-")[0] == codes[name]["value"]["code"] for name in shown)


def test_every_shape_that_is_sent_or_answered_is_explained(ours: Document) -> None:
    asked = {declared.asks.__name__ for declared in ENDPOINTS if declared.asks}
    schemas = ours["components"]["schemas"].items()
    assert [name for name, schema in schemas if name not in asked and not schema.get("description")] == []


def test_a_sentence_is_known_of_every_code_but_the_nudge_which_depends_on_the_text(ours: Document) -> None:
    codes = ours["components"]["examples"].items()
    assert [code for code, example in codes if example["summary"] == IN_THE_WORDS_OF_THE_CASE] == ["nudge"]


def test_a_code_that_nothing_raises_cannot_be_declared() -> None:
    declared = replace(next(item for item in ENDPOINTS if item.audience is Audience.API), refuses=("made_up",))
    with pytest.raises(KeyError, match="made_up"):
        refusals.of(declared)


def test_a_problem_that_the_document_does_not_name_is_heard(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "of", lambda _declared: [])
    client.get("/api/v1/me")
    assert told.untold == {"GET /api/v1/me answered 401 sign_in_required"}
    told.untold.clear()


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
