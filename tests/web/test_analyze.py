"""POST /v1alpha1/comments:analyze, as the contract of Google's Perspective API has it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import MetaData, select

from app.db import Database
from app.toxicity import Guarded
from app.web.services import EXTENSION
from config.settings import Settings
from tests.support.perspective import ANALYZE, COMMENT_ERROR, ask, error, make_key, request
from tests.support.scorers import Hanging, Silent

RUDE = "You [toxicity=0.9] [severe_toxicity=0.2] [obscene=0.7] [threat=0.3] [insult=0.8] [identity_attack=0.1]"


@pytest.fixture
def key(database: Database, settings: Settings) -> str:
    return make_key(database, settings)


@pytest.fixture
def scores(client: FlaskClient, key: str) -> Any:
    """Ask, and get the summary scores of the answer."""

    def call(text: str, *attributes: str, **more: Any) -> dict[str, float]:
        answer = ask(client, key, request(text, *attributes, **more))
        assert answer.status_code == 200, answer.get_json()
        found = answer.get_json()["attributeScores"]
        return {name: each["summaryScore"]["value"] for name, each in found.items()}

    return call


def test_every_attribute_that_is_asked_for_is_answered_in_one_pass(client: FlaskClient, scores: Any) -> None:
    asked = ("TOXICITY", "SEVERE_TOXICITY", "PROFANITY", "OBSCENE", "THREAT", "INSULT", "IDENTITY_ATTACK")
    assert scores(RUDE, *asked) == dict(zip(asked, (0.9, 0.2, 0.7, 0.7, 0.3, 0.8, 0.1), strict=True))
    assert scores(RUDE, "TOXICITY_EXPERIMENTAL", "INSULT") == {"TOXICITY_EXPERIMENTAL": 0.9, "INSULT": 0.8}


def test_the_answer_has_googles_shape(client: FlaskClient, key: str) -> None:
    answer = ask(client, key, request(RUDE, clientToken="comment:1", communityId="paper", sessionId="7"))
    score = {"value": 0.9, "type": "PROBABILITY"}
    assert answer.mimetype == "application/json"
    assert answer.get_json() == {
        "attributeScores": {
            "TOXICITY": {"summaryScore": score, "spanScores": [{"begin": 0, "end": len(RUDE), "score": score}]}
        },
        "languages": ["en"],
        "detectedLanguages": [],
        "clientToken": "comment:1",
    }


def test_no_cookie_is_set_and_nothing_is_kept_by_caches(client: FlaskClient, key: str) -> None:
    answer = ask(client, key, request(RUDE))
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_scores_below_the_threshold_are_left_out(client: FlaskClient, key: str) -> None:
    thresholds = {"TOXICITY": 0.5, "THREAT": 0.5, "INSULT": 0.8}
    body = request(RUDE) | {"requestedAttributes": {name: {"scoreThreshold": at} for name, at in thresholds.items()}}
    assert set(ask(client, key, body).get_json()["attributeScores"]) == {"TOXICITY", "INSULT"}


def test_spans_are_sentences_with_scores_of_their_own(client: FlaskClient, key: str) -> None:
    text = "Good 😀 morning. You [toxicity=0.9] idiot!  Bye."
    answer = ask(client, key, request(text, spanAnnotations=True)).get_json()["attributeScores"]["TOXICITY"]
    assert [(text[s["begin"] : s["end"]], s["score"]["value"]) for s in answer["spanScores"]] == [
        ("Good 😀 morning.", 0.01),
        ("You [toxicity=0.9] idiot!", 0.9),
        ("Bye.", 0.01),
    ]
    assert answer["summaryScore"]["value"] == 0.9


def test_of_html_the_text_is_scored_and_spans_stand_where_they_were_sent(client: FlaskClient, key: str) -> None:
    html = "<p>Fine &amp; dandy.</p><p>You [<b>tox</b>icity=0.9]!</p>"
    body = request(html, spanAnnotations=True) | {"comment": {"text": html, "type": "HTML"}}
    answer = ask(client, key, body).get_json()["attributeScores"]["TOXICITY"]
    assert answer["summaryScore"]["value"] == 0.9
    assert [html[s["begin"] : s["end"]] for s in answer["spanScores"]] == [
        "Fine &amp; dandy.",
        "You [<b>tox</b>icity=0.9]!",
    ]
    plain = ask(client, key, request(html)).get_json()["attributeScores"]["TOXICITY"]
    assert plain["summaryScore"]["value"] == 0.01


def test_without_a_language_english_is_assumed_and_what_was_detected_is_said(client: FlaskClient, key: str) -> None:
    body = request(RUDE)
    del body["languages"]
    for asked in (body, body | {"languages": []}, body | {"languages": None}):
        answer = ask(client, key, asked).get_json()
        assert (answer["languages"], answer["detectedLanguages"]) == (["en"], ["en"])


@pytest.mark.parametrize("languages", [["en"], ["EN"], ["en-GB"], ["en_US", "en"]])
def test_the_languages_of_the_request_are_mirrored(client: FlaskClient, key: str, languages: list[str]) -> None:
    assert ask(client, key, request(RUDE, languages=languages)).get_json()["languages"] == languages


@pytest.mark.parametrize(("languages", "foreign"), [(["it"], "it"), (["en", "fr", "de"], "fr, de")])
def test_a_language_that_we_do_not_read_is_refused(
    client: FlaskClient, key: str, languages: list[str], foreign: str
) -> None:
    answer = ask(client, key, request(RUDE, languages=languages))
    assert error(answer) == (400, "INVALID_ARGUMENT", "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE")
    found = answer.get_json()["error"]
    assert found["message"] == f"Attribute TOXICITY does not support request languages: {foreign}"
    (detail,) = found["details"]
    assert detail["@type"] == COMMENT_ERROR
    assert detail["languageNotSupportedByAttributeError"]["attribute"] == "TOXICITY"
    assert detail["languageNotSupportedByAttributeError"]["detectedLanguages"] == foreign.split(", ")


@pytest.mark.parametrize("name", ["FLIRTATION", "SEXUALLY_EXPLICIT", "RESPECT_EXPERIMENTAL", "toxicity", "", "\ud800"])
def test_an_attribute_that_the_scorer_has_not_is_refused_with_what_it_has(
    client: FlaskClient, key: str, name: str
) -> None:
    answer = ask(client, key, request(RUDE, "TOXICITY", name))
    assert error(answer) == (400, "INVALID_ARGUMENT", "INVALID_REQUEST")
    message = answer.get_json()["error"]["message"]
    assert message.startswith("Unknown requested attribute: ")
    assert "SEVERE_TOXICITY" in message


def test_what_is_not_supported_is_left_out_for_whoever_asks_for_that(scores: Any) -> None:
    assert scores(RUDE, "TOXICITY", "FLIRTATION", dropUnsupportedAttributes=True) == {"TOXICITY": 0.9}
    assert scores(RUDE, "TOXICITY", languages=["fr"], dropUnsupportedAttributes=True) == {}


def test_only_probabilities_are_given(client: FlaskClient, key: str) -> None:
    for kind in ("PROBABILITY", "SCORE_TYPE_UNSPECIFIED", None):
        body = request(RUDE) | {"requestedAttributes": {"TOXICITY": {"scoreType": kind}}}
        assert ask(client, key, body).status_code == 200
    body = request(RUDE) | {"requestedAttributes": {"TOXICITY": {"scoreType": "PERCENTILE"}}}
    assert error(ask(client, key, body)) == (400, "INVALID_ARGUMENT", "INVALID_REQUEST")


@pytest.mark.parametrize("comment", [{}, None, {"text": ""}, {"text": " \n\t"}, {"text": "<p> </p>", "type": "HTML"}])
def test_an_empty_comment_is_refused(client: FlaskClient, key: str, comment: object) -> None:
    assert error(ask(client, key, request("") | {"comment": comment})) == (400, "INVALID_ARGUMENT", "COMMENT_EMPTY")


@pytest.mark.parametrize("body", [b"", b" \n", b"{}", b"null"])
@pytest.mark.parametrize("kind", ["application/json", None])
def test_no_body_is_an_empty_comment(client: FlaskClient, key: str, body: bytes, kind: str | None) -> None:
    answer = client.post(f"{ANALYZE}?key={key}", data=body, content_type=kind)
    assert error(answer) == (400, "INVALID_ARGUMENT", "COMMENT_EMPTY")


@pytest.mark.parametrize("letter", ["a", "é", "😀"])
def test_twenty_kilobytes_are_scored_to_the_end_and_one_byte_more_is_refused(
    client: FlaskClient, scores: Any, key: str, letter: str
) -> None:
    end = " [toxicity=0.9]"
    fill = 20_480 - len(end)
    text = letter * (fill // len(letter.encode())) + "." * (fill % len(letter.encode())) + end
    assert len(text.encode()) == 20_480
    assert scores(text) == {"TOXICITY": 0.9}
    refused = ask(client, key, request(text + "."))
    assert error(refused) == (400, "INVALID_ARGUMENT", "COMMENT_TOO_LONG")
    words = "Comment text was too many bytes. Value (20481) exceeded limit (20480)."
    assert refused.get_json()["error"]["message"] == words
    assert error(ask(client, key, request(letter * 21_504)))[2] == "COMMENT_TOO_LONG"


@pytest.mark.parametrize("text", ["😀 [toxicity=0.9]", "\ud83d [toxicity=0.9]", "\udc00\ud800 [toxicity=0.9] \0"])
def test_emoji_lone_surrogates_and_nul_are_read_as_any_character(client: FlaskClient, key: str, text: str) -> None:
    answer = ask(client, key, request(text, clientToken=text)).get_json()
    assert answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"] == 0.9
    assert answer["attributeScores"]["TOXICITY"]["spanScores"][0]["end"] == len(text)
    assert len(answer["clientToken"]) == len(text)


@pytest.mark.parametrize("asked", [{}, None])
def test_a_request_for_no_attribute_is_refused(client: FlaskClient, key: str, asked: object) -> None:
    body = request(RUDE) | {"requestedAttributes": asked}
    assert error(ask(client, key, body)) == (400, "INVALID_ARGUMENT", "NO_REQUESTED_ATTRIBUTES")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"comment": {"text": "\xff"}}', "application/json"),
        (b'{"comment": {"txt": "x"}}', "application/json"),
        (b'{"comment": {"text": 1}}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (json.dumps(request(RUDE)).encode(), "text/plain"),
        (b"comment=x", "application/x-www-form-urlencoded"),
        (b" " * (1024 * 1024 + 1), "application/json"),
    ],
)
def test_what_is_no_request_is_refused_in_the_same_shape(client: FlaskClient, key: str, body: bytes, kind: str) -> None:
    answer = client.post(f"{ANALYZE}?key={key}", data=body, content_type=kind)
    assert error(answer) == (400, "INVALID_ARGUMENT", "")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_and_another_address_are_refused_in_the_same_shape(client: FlaskClient, method: str) -> None:
    assert error(client.open(ANALYZE, method=method))[:2] == (405, "UNIMPLEMENTED")
    assert error(client.open("/v1alpha1/comments:guess", method=method))[:2] == (404, "NOT_FOUND")


@pytest.mark.parametrize("scorer", [Silent(), Hanging()])
def test_without_the_scorer_it_is_unavailable_in_good_time(app: Flask, key: str, scorer: Any) -> None:
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], load_scorer=lambda: Guarded(scorer))
    assert error(ask(app.test_client(), key, request(RUDE))) == (503, "UNAVAILABLE", "")


def test_without_its_database_it_is_unavailable(app: Flask, key: str) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], database=nowhere)
    assert error(ask(app.test_client(), key, request(RUDE))) == (503, "UNAVAILABLE", "")


class Careless(Guarded):
    """Tells the world what it was asked about, in spite of its guard."""

    def __init__(self) -> None:
        super().__init__(Silent())

    @property
    def for_programs(self) -> Guarded:
        return self

    def score(self, texts: Sequence[str], deadline: float) -> Any:
        raise ValueError(texts[0])


def test_an_accident_of_ours_is_told_in_the_same_shape_and_tells_nothing_of_the_text(
    app: Flask, key: str, capfd: pytest.CaptureFixture[str]
) -> None:
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], load_scorer=Careless)
    answer = ask(app.test_client(), key, request("xylophone"))
    assert error(answer) == (500, "INTERNAL", "")
    assert "xylophone" not in "".join((*capfd.readouterr(), answer.text))


def test_nothing_of_a_text_is_kept_or_logged(
    client: FlaskClient, database: Database, key: str, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = request("xylophone [toxicity=0.9]", clientToken="xylophone", communityId="xylophone")
    ask(client, key, secret)
    for name, value in {"doNotStore": True, "languages": ["it"], "requestedAttributes": {}, "xylophone": 1}.items():
        ask(client, key, secret | {name: value})
    said = "".join(capfd.readouterr())
    assert ANALYZE in said
    assert "xylophone" not in said
    assert key not in said
    tables = MetaData()
    tables.reflect(database.engine)
    with database.reading() as session:
        for table in tables.tables.values():
            assert "xylophone" not in str(session.execute(select(table)).all())
