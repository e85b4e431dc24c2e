"""What Google's clients say in the query: `fields=` for parts of an answer, and what all of Google's services take."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.models import SuggestedScore
from config.settings import Settings
from tests.support.perspective import ANALYZE, SUGGEST, error, make_key, request, suggestion

RUDE = "You [toxicity=0.9] [insult=0.6]"


@pytest.fixture
def key(database: Database, settings: Settings) -> str:
    return make_key(database, settings)


@pytest.fixture
def ask(client: FlaskClient, key: str) -> Any:
    """Ask with these parameters."""

    def call(path: str = ANALYZE, body: Any = None, **query: str) -> Any:
        body = body or request(RUDE, "TOXICITY", "INSULT", clientToken="7")
        return client.post(path, json=body, query_string={"key": key} | query)

    return call


def score(value: float) -> dict[str, Any]:
    return {"value": value, "type": "PROBABILITY"}


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ("languages", {"languages": ["en"]}),
        ("languages,clientToken", {"languages": ["en"], "clientToken": "7"}),
        ("client_token , detected_languages", {"clientToken": "7", "detectedLanguages": []}),
        (
            "attributeScores/TOXICITY/summaryScore/value",
            {"attributeScores": {"TOXICITY": {"summaryScore": {"value": 0.9}}}},
        ),
        ("attributeScores.INSULT.summaryScore", {"attributeScores": {"INSULT": {"summaryScore": score(0.6)}}}),
        (
            "attributeScores/*/summary_score/value",
            {
                "attributeScores": {
                    "TOXICITY": {"summaryScore": {"value": 0.9}},
                    "INSULT": {"summaryScore": {"value": 0.6}},
                }
            },
        ),
        (
            "attributeScores(TOXICITY(spanScores(begin,score/value),summaryScore/type)),languages",
            {
                "attributeScores": {
                    "TOXICITY": {
                        "summaryScore": {"type": "PROBABILITY"},
                        "spanScores": [{"begin": 0, "score": {"value": 0.9}}],
                    }
                },
                "languages": ["en"],
            },
        ),
        (
            "attributeScores(TOXICITY/summaryScore/value,*/summaryScore/type)",
            {
                "attributeScores": {
                    "TOXICITY": {"summaryScore": score(0.9)},
                    "INSULT": {"summaryScore": {"type": "PROBABILITY"}},
                }
            },
        ),
        ("*/INSULT/summaryScore", {"attributeScores": {"INSULT": {"summaryScore": score(0.6)}}}),
        ("attributeScores/THREAT,languages", {"attributeScores": {}, "languages": ["en"]}),
    ],
)
def test_of_an_answer_the_fields_that_are_wanted_are_given(ask: Any, fields: str, answer: Any) -> None:
    found = ask(fields=fields).get_json()
    if fields.startswith("*"):
        answer |= {name: found[name] for name in found if name != "attributeScores"}
    assert found == answer
    assert ask(**{"$fields": fields}).get_json() == found


@pytest.mark.parametrize("fields", ["", "*", "languages,*", "attributeScores,attributeScores/TOXICITY,*"])
def test_all_is_given_to_whoever_wants_all(ask: Any, fields: str) -> None:
    assert ask(fields=fields).get_json() == ask().get_json()


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ("scores", "scores"),
        ("languages/en", "languages.en"),
        ("attributeScores/TOXICITY/score", "attributeScores.TOXICITY.score"),
        ("attributeScores(TOXICITY/value)", "attributeScores.TOXICITY.value"),
        ("attributeScores(TOXICITY", "attributeScores(TOXICITY"),
        ("languages)", "languages)"),
        ("languages,", "languages,"),
        ("languages/", "languages."),
        ("(languages)", "("),
        ("a" * 5000, "a" * 64),
        ("(" * 5000, "("),
        ("attributeScores(" * 3000, "attributeScores.attributeScores.attributeScores"),
    ],
)
def test_a_field_that_no_answer_has_is_refused_before_anything_is_done(
    ask: Any, database: Database, fields: str, path: str
) -> None:
    answer = ask(fields=fields)
    assert error(answer) == (400, "INVALID_ARGUMENT", "")
    found = answer.get_json()["error"]
    assert found["message"] == f"Invalid field selection {path}"
    ((violation,),) = [each["fieldViolations"] for each in found["details"]]
    assert violation["field"] == fields[:64]
    assert violation["description"].startswith("Error expanding 'fields' parameter. Cannot find matching fields for")
    assert error(ask(SUGGEST, suggestion("You idiot!"), fields=fields))[0] == 400
    with database.reading() as session:
        assert session.scalars(select(SuggestedScore)).all() == []


def test_of_a_suggestions_answer_too(ask: Any) -> None:
    body = suggestion("You idiot!", clientToken="7")
    assert ask(SUGGEST, body, fields="client_token").get_json() == {"clientToken": "7"}


@pytest.mark.parametrize(
    "query", [{"alt": "json"}, {"$alt": "json"}, {"quotaUser": "a"}, {"$.xgafv": "2"}, {"uploadType": "media"}]
)
def test_what_all_of_googles_services_take_is_taken(ask: Any, query: dict[str, str]) -> None:
    assert ask(**query).get_json() == ask().get_json()


def test_an_answer_is_laid_out_for_people_who_want_that(ask: Any) -> None:
    assert ask(prettyPrint="true").text.startswith('{\n  "attributeScores": {\n')
    assert ask(prettyPrint="false").text == ask().text


def test_another_form_than_json_is_refused(ask: Any) -> None:
    answer = ask(alt="proto")
    assert error(answer) == (400, "INVALID_ARGUMENT", "")
    assert answer.get_json()["error"]["details"][0]["fieldViolations"][0]["field"] == "alt"


def test_a_parameter_that_google_has_not_is_refused_in_googles_words(ask: Any) -> None:
    answer = ask(doNotStore="true")
    assert error(answer) == (400, "INVALID_ARGUMENT", "")
    assert answer.get_json()["error"]["message"] == (
        'Invalid JSON payload received. Unknown name "doNotStore": Cannot bind query parameter. '
        "Field 'doNotStore' could not be found in request message."
    )
