"""Whatever is sent to the Perspective API's place: an answer of the contract in Google's shape, and never a 500."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as searching
from hypothesis import strategies as st

from app.db import Database
from app.perspective.attributes import ATTRIBUTES
from config.settings import Settings
from tests.support.perspective import ANALYZE, SUGGEST, make_key

text = st.text(st.characters(codec=None), max_size=60)  # lone surrogates and NUL among them
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


def message(*required: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Fields as they belong there; in some of them, one is anything."""
    sound = st.fixed_dictionaries(
        {name: fields[name] for name in required},
        optional={name: field for name, field in fields.items() if name not in required},
    )
    spoilt = st.builds(lambda whole, name, wrong: whole | {name: wrong}, sound, st.sampled_from([*fields]), anything)
    return st.integers(0, 9).flatmap(lambda number: sound if number else spoilt)


kind = st.sampled_from(["SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "PROBABILITY", None, "RAW"])
name = st.sampled_from([*ATTRIBUTES, "FLIRTATION"])
words = text.map(lambda some: f"A word. {some}") | st.sampled_from(["<p>You &amp; <b>I", "a" * 20_480, "", "\ud800 \0"])
entry = message("text", text=words, type=st.sampled_from(["PLAIN_TEXT", "HTML", None]))
context = message(entries=st.lists(entry, max_size=2), articleAndParentComment=message(article=entry))
languages = st.lists(st.sampled_from(["en", "en", "en-GB", "it"]), max_size=2)
common = {"comment": entry, "context": context, "languages": languages, "clientToken": text, "communityId": text}
parameters = message(scoreType=kind, scoreThreshold=st.floats(0, 1))
analysis = message(
    *("comment", "requestedAttributes"),
    **common,
    requestedAttributes=st.dictionaries(name, parameters, min_size=1, max_size=4),
    doNotStore=st.booleans(),
    dropUnsupportedAttributes=st.booleans(),
    spanAnnotations=st.booleans(),
    sessionId=text,
)
score = message("value", value=st.floats(0, 1), type=kind)
span = message(begin=st.integers(0, 9), end=st.integers(0, 9), score=score)
scores = message("summaryScore", summaryScore=score, spanScores=st.lists(span, max_size=2))
suggestion = message(
    *("comment", "attributeScores"),
    **common,
    attributeScores=st.dictionaries(name, scores, min_size=1, max_size=3),
    sessionId=text,
)

CALLS = st.one_of(
    st.tuples(st.just(ANALYZE), analysis.map(json.dumps).map(str.encode)),
    st.tuples(st.just(SUGGEST), suggestion.map(json.dumps).map(str.encode)),
    st.tuples(st.sampled_from([ANALYZE, SUGGEST]), anything.map(json.dumps).map(str.encode) | st.binary(max_size=200)),
)
HEADERS = ("Content-Type", "Content-Encoding", "Accept", "Authorization", "Cookie", "Origin", "X-Goog-Api-Key")
header = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40)
often = searching(max_examples=150)


@pytest.fixture
def key(database: Database, settings: Settings) -> str:
    return make_key(database, settings, per_second=100_000, per_minute=1_000_000)


@often
@given(call=CALLS)
def test_whatever_a_client_with_a_key_sends_is_answered_or_refused_with_400(
    client: FlaskClient, key: str, call: tuple[str, bytes]
) -> None:
    path, body = call
    answer = client.post(f"{path}?key={key}", data=body, content_type="application/json")
    assert answer.status_code in {200, 400}
    found = answer.get_json()
    if answer.status_code == 400:
        assert found["error"]["status"] == "INVALID_ARGUMENT"
    elif path == ANALYZE:
        assert all(name in ATTRIBUTES for name in found["attributeScores"])


@often
@given(
    call=CALLS,
    keys=st.lists(st.tuples(st.sampled_from(["key", "alt", "prettyPrint", "$.xgafv"]), text), max_size=3),
    method=st.sampled_from(["POST", "POST", "POST", "GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PROPFIND"]),
    others=st.dictionaries(st.sampled_from(HEADERS), header, max_size=3),
)
def test_whatever_a_stranger_sends_is_refused_in_googles_shape(
    client: FlaskClient, call: tuple[str, bytes], keys: list[tuple[str, str]], method: str, others: dict[str, str]
) -> None:
    path, body = call
    query = {name: value.encode("utf-8", "surrogatepass") for name, value in keys}
    answer = client.open(path, method=method, query_string=query, data=body, headers=others)
    assert answer.status_code in ({400, 403, 429} if method == "POST" else {200, 405})
    assert "Location" not in answer.headers
    if method not in ("HEAD", "OPTIONS"):
        assert answer.get_json()["error"]["code"] == answer.status_code
