"""POST /v1alpha1/comments:suggestscore: what a publisher's moderators say of a text is kept, once for each saying."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Database
from app.models import ApiKey, SuggestedScore
from config.settings import Settings
from tests.support.perspective import SUGGEST, ask, error, make_key, suggestion


@pytest.fixture
def key(database: Database, settings: Settings) -> str:
    return make_key(database, settings)


def kept(database: Database) -> list[SuggestedScore]:
    with database.reading() as session:
        return list(session.scalars(select(SuggestedScore).order_by(SuggestedScore.id)))


def test_nothing_is_kept_without_a_key(client: FlaskClient, database: Database) -> None:
    assert client.post(SUGGEST, json=suggestion("You idiot!")).status_code == 403
    assert ask(client, "guess", suggestion("You idiot!"), SUGGEST).status_code == 400
    assert kept(database) == []


def test_a_suggestion_is_kept_with_all_that_it_is_about(client: FlaskClient, database: Database, key: str) -> None:
    body = suggestion("You idiot!", 1, languages=["en"], communityId="Coral:https://a.example", clientToken="comment:7")
    body["context"] = {"entries": [{"text": "What it answers."}]}
    answer = ask(client, key, body, SUGGEST)
    assert answer.get_json() == {"clientToken": "comment:7", "detectedLanguages": [], "requestedLanguages": ["en"]}
    (row,) = kept(database)
    assert (row.text, row.scores, row.languages) == ("You idiot!", {"toxicity": 1.0}, ["en"])
    assert (row.community_id, row.client_token) == ("Coral:https://a.example", "comment:7")
    with database.reading() as session:
        assert row.api_key_id == session.scalars(select(ApiKey.id)).one()


def test_a_moderator_who_thinks_again_adds_and_changes_nothing(
    client: FlaskClient, database: Database, key: str
) -> None:
    for value in (1, 0):
        ask(client, key, suggestion("You idiot!", value, clientToken="comment:7"), SUGGEST)
    assert [row.scores for row in kept(database)] == [{"toxicity": 1.0}, {"toxicity": 0.0}]


def test_several_attributes_are_kept_by_our_names(client: FlaskClient, database: Database, key: str) -> None:
    scores = {name: {"summaryScore": {"value": 0.5, "type": "PROBABILITY"}} for name in ("PROFANITY", "THREAT")}
    assert ask(client, key, suggestion("Oh.") | {"attributeScores": scores}, SUGGEST).status_code == 200
    assert kept(database)[0].scores == {"obscene": 0.5, "threat": 0.5}


def test_of_html_the_text_is_kept(client: FlaskClient, database: Database, key: str) -> None:
    html = {"comment": {"text": "<b>You</b> &amp; me", "type": "HTML"}}
    assert ask(client, key, suggestion("") | html, SUGGEST).status_code == 200
    assert kept(database)[0].text == "You & me"


def test_what_no_database_can_hold_is_kept_as_the_replacement_character(
    client: FlaskClient, database: Database, key: str
) -> None:
    body = suggestion("a\0b\ud800", clientToken="\0", communityId="\udfff", languages=["\0"])
    assert ask(client, key, body, SUGGEST).status_code == 200
    assert kept(database)[0].text == "a\ufffdb\ufffd"


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"comment": {"text": ""}}, "COMMENT_EMPTY"),
        ({"comment": None}, "COMMENT_EMPTY"),
        ({"comment": {"text": "a" * 20_481}}, "COMMENT_TOO_LONG"),
        ({"attributeScores": {}}, "INVALID_REQUEST"),
        ({"attributeScores": {"TOXICITY": {}}}, "INVALID_REQUEST"),
        ({"attributeScores": {"TOXICITY": {"summaryScore": {}}}}, "INVALID_REQUEST"),
        ({"attributeScores": {"TOXICITY": {"summaryScore": {"value": 1.5}}}}, "INVALID_REQUEST"),
        ({"attributeScores": {"TOXICITY": {"summaryScore": {"value": 1, "type": "RAW"}}}}, "INVALID_REQUEST"),
        ({"attributeScores": {"SPAM": {"summaryScore": {"value": 1}}}}, "INVALID_REQUEST"),
        ({"clientToken": "a" * 1025}, ""),
        # Google's method has no such field, and what is not to be stored is not to be suggested
        ({"doNotStore": True}, ""),
    ],
)
def test_what_says_nothing_that_could_be_used_is_refused_and_not_kept(
    client: FlaskClient, database: Database, key: str, more: dict[str, Any], kind: str
) -> None:
    assert error(ask(client, key, suggestion("You idiot!") | more, SUGGEST)) == (400, "INVALID_ARGUMENT", kind)
    assert kept(database) == []


def test_what_is_suggested_is_not_logged(client: FlaskClient, key: str, capfd: pytest.CaptureFixture[str]) -> None:
    ask(client, key, suggestion("xylophone", clientToken="xylophone"), SUGGEST)
    said = "".join(capfd.readouterr())
    assert SUGGEST in said
    assert "xylophone" not in said
