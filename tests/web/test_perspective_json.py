"""The JSON of Google's clients is read as Google's servers read it, and refused in Google's words."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.models import SuggestedScore
from config.settings import Settings
from tests.support.perspective import ANALYZE, SUGGEST, ask, error, make_key

RUDE = "You [toxicity=0.9] [insult=0.6]"


@pytest.fixture
def key(database: Database, settings: Settings) -> str:
    return make_key(database, settings)


def wrong(client: FlaskClient, key: str, body: Any, path: str = ANALYZE) -> list[tuple[str, str]]:
    """What a body is refused for: the field and what is said of it, each."""
    answer = client.post(f"{path}?key={key}", data=json.dumps(body), content_type="application/json")
    assert error(answer) == (400, "INVALID_ARGUMENT", "")
    found = answer.get_json()["error"]
    (detail,) = found["details"]
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    violations = [(each.get("field", ""), each["description"]) for each in detail["fieldViolations"]]
    assert found["message"] == "\n".join(description for _field, description in violations)
    return violations


def test_names_are_read_in_both_spellings_at_every_depth(client: FlaskClient, key: str) -> None:
    for body in (
        {
            "comment": {"text": RUDE},
            "context": {"article_and_parent_comment": {"parent_comment": {"text": "What it answers."}}},
            "requested_attributes": {"TOXICITY": {"score_threshold": 0.5}, "INSULT": {"scoreThreshold": 0.7}},
            "do_not_store": True,
            "spanAnnotations": True,
            "client_token": "7",
            "session_id": "s",
            "communityId": "c",
        },
        {
            "comment": {"text": RUDE},
            "context": {"articleAndParentComment": {"parent_comment": {"text": "What it answers."}}},
            "requestedAttributes": {"TOXICITY": {"score_type": "PROBABILITY"}, "drop_it": {}, "dropIt": {}},
            "drop_unsupported_attributes": True,
            "clientToken": "7",
        },
    ):
        answer = ask(client, key, body)
        assert answer.status_code == 200, answer.get_json()
        assert set(answer.get_json()["attributeScores"]) == {"TOXICITY"}
        assert answer.get_json()["clientToken"] == "7"


def test_the_keys_of_a_map_are_never_renamed(client: FlaskClient, key: str) -> None:
    answer = ask(client, key, {"comment": {"text": RUDE}, "requestedAttributes": {"severeToxicity": {}}})
    assert "Unknown requested attribute: severeToxicity" in answer.get_json()["error"]["message"]


def test_a_suggestion_is_read_in_the_other_spelling_too(client: FlaskClient, key: str, database: Database) -> None:
    body = {
        "comment": {"text": RUDE},
        "attribute_scores": {
            "TOXICITY": {
                "summary_score": {"value": "1"},
                "span_scores": [{"begin": "0", "end": 3.0, "score": {"value": "5e-1"}}],
            }
        },
        "community_id": "paper",
        "client_token": "7",
    }
    assert ask(client, key, body, SUGGEST).status_code == 200
    with database.reading() as session:
        row = session.scalars(select(SuggestedScore)).one()
    assert (row.scores, row.community_id, row.client_token) == ({"toxicity": 1.0}, "paper", "7")


@pytest.mark.parametrize("least", ["0.5", "5e-1", ".5", "1", 1, "+0.7"])
def test_a_number_may_be_a_string(client: FlaskClient, key: str, least: object) -> None:
    asked = {"TOXICITY": {"scoreThreshold": least}}
    answer = ask(client, key, {"comment": {"text": "Fine [toxicity=0.4]."}, "requestedAttributes": asked})
    assert (answer.status_code, answer.get_json()["attributeScores"]) == (200, {})


@pytest.mark.parametrize("least", ["NaN", "Infinity"])
def test_no_score_reaches_a_threshold_that_is_no_number(client: FlaskClient, key: str, least: str) -> None:
    asked = {"TOXICITY": {"scoreThreshold": least}}
    answer = ask(client, key, {"comment": {"text": RUDE}, "requestedAttributes": asked})
    assert (answer.status_code, answer.get_json()["attributeScores"]) == (200, {})


@pytest.mark.parametrize("yes", [True, "true", "True"])
def test_a_truth_may_be_a_string(client: FlaskClient, key: str, yes: object) -> None:
    body = {"comment": {"text": RUDE}, "requestedAttributes": {"SPAM": {}}, "dropUnsupportedAttributes": yes}
    assert ask(client, key, body).status_code == 200


def test_null_is_what_is_not_there(client: FlaskClient, key: str) -> None:
    absent = ("context", "languages", "doNotStore", "clientToken", "sessionId", "spanAnnotations")
    body = {"comment": {"text": RUDE, "type": None}, "requestedAttributes": {"TOXICITY": None}}
    answer = ask(client, key, body | dict.fromkeys(absent))
    assert answer.get_json()["attributeScores"]["TOXICITY"]["summaryScore"]["value"] == 0.9
    inside = {"context": {"entries": [None, {"text": None}]}, "languages": [None, "en"]}
    assert ask(client, key, body | inside).get_json()["languages"] == ["en"]
    assert ask(client, key, body | {"context": {"entries": None}}).status_code == 200
    assert error(ask(client, key, body | {"comment": None}))[2] == "COMMENT_EMPTY"
    assert error(ask(client, key, body | {"requestedAttributes": None}))[2] == "NO_REQUESTED_ATTRIBUTES"
    nothing = {"comment": {"text": RUDE}, "attributeScores": {"TOXICITY": None}}
    assert error(ask(client, key, nothing, SUGGEST))[2] == "INVALID_REQUEST"


def test_one_value_is_a_list_of_one(client: FlaskClient, key: str) -> None:
    body = {"comment": {"text": RUDE}, "requestedAttributes": {"TOXICITY": {}}, "languages": "en"}
    answer = ask(client, key, body | {"context": {"entries": {"text": "What it answers."}}})
    assert answer.get_json()["languages"] == ["en"]


@pytest.mark.parametrize(
    ("body", "field", "description"),
    [
        ({"txt": 1}, "", 'Invalid JSON payload received. Unknown name "txt": Cannot find field.'),
        (
            {"comment": {"txt": 1}},
            "comment",
            "Invalid JSON payload received. Unknown name \"txt\" at 'comment': Cannot find field.",
        ),
        (
            {"requestedAttributes": {"INSULT": {}, "TOXICITY": {"x": None}}},
            "requested_attributes[1].value",
            "Invalid JSON payload received. Unknown name \"x\" at 'requested_attributes[1].value': Cannot find field.",
        ),
        ([], "", 'Invalid JSON payload received. Unknown name "": Root element must be a message.'),
        ("text", "", 'Invalid JSON payload received. Unknown name "": Root element must be a message.'),
        ({"comment": {"text": 1}}, "comment.text", "Invalid value at 'comment.text' (TYPE_STRING), 1"),
        ({"clientToken": 7}, "client_token", "Invalid value at 'client_token' (TYPE_STRING), 7"),
        (
            {"comment": {"text": ["a"]}},
            "comment",
            "Invalid JSON payload received. Unknown name \"text\" at 'comment': "
            "Proto field is not repeating, cannot start list.",
        ),
        (
            {"comment": {"text": {}}},
            "comment",
            "Invalid value at 'comment' (text), Starting an object on a scalar field",
        ),
        ({"doNotStore": {}}, "", "Invalid value (do_not_store), Starting an object on a scalar field"),
        (
            {"comment": "a"},
            "comment",
            "Invalid value at 'comment' (type.googleapis.com/google.commentanalyzer.v1alpha1.TextEntry), \"a\"",
        ),
        ({"comment": {"type": "XML"}}, "comment.type", "Invalid value at 'comment.type' (TYPE_ENUM), \"XML\""),
        ({"doNotStore": "maybe"}, "do_not_store", "Invalid value at 'do_not_store' (TYPE_BOOL), \"maybe\""),
        ({"doNotStore": 1}, "do_not_store", "Invalid value at 'do_not_store' (TYPE_BOOL), 1"),
        ({"languages": ["en", 1]}, "languages[1]", "Invalid value at 'languages[1]' (TYPE_STRING), 1"),
        ({"requestedAttributes": ["TOXICITY"]}, "", None),
        (
            {"requestedAttributes": {"TOXICITY": {"scoreThreshold": "high"}}},
            "requested_attributes[0].value.score_threshold",
            "Invalid value at 'requested_attributes[0].value.score_threshold' (TYPE_FLOAT), \"high\"",
        ),
        ({"requestedAttributes": {"TOXICITY": {"scoreThreshold": True}}}, None, None),
        ({"requestedAttributes": {"TOXICITY": {"scoreThreshold": "1_0"}}}, None, None),
        ({"requestedAttributes": {"TOXICITY": {"scoreThreshold": 10**400}}}, None, None),
        ({"requestedAttributes": {"TOXICITY": 1}}, "requested_attributes[0].value", None),
        ({"comment": {"type": 7}}, "comment.type", None),
        ({"languages": [["en"]]}, None, None),
    ],
)
def test_what_does_not_belong_there_is_refused_in_googles_words(
    client: FlaskClient, key: str, body: Any, field: str | None, description: str | None
) -> None:
    ((found, said),) = wrong(client, key, body)
    assert field is None or found == field
    assert description is None or said == description


def test_all_that_is_wrong_is_said_at_once_and_no_more_than_ten_things(client: FlaskClient, key: str) -> None:
    found = wrong(client, key, {"comment": {"text": 1, "txt": 1}, "languages": [1]})
    assert [field for field, _ in found] == ["comment.text", "comment", "languages[0]"]
    assert len(wrong(client, key, {f"x{number}": 1 for number in range(50_000)})) == 10


def test_what_is_said_of_a_long_word_is_short(client: FlaskClient, key: str) -> None:
    for body in ({"a" * 500_000: 1}, {"comment": {"type": "a" * 500_000}}):
        ((_field, description),) = wrong(client, key, body)
        assert len(description) < 200


@pytest.mark.parametrize("number", ["3.5", 3.5, 2**31, "99999999999999999999", "a", None])
def test_where_a_span_begins_is_a_whole_number(client: FlaskClient, key: str, number: object) -> None:
    scores = {"TOXICITY": {"summaryScore": {"value": 1}, "spanScores": [{"begin": number}]}}
    answer = ask(client, key, {"comment": {"text": RUDE}, "attributeScores": scores}, SUGGEST)
    assert answer.status_code == (200 if number is None else 400)
