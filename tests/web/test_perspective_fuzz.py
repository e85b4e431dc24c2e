"""Whatever is sent to the Perspective API's place: an answer of the contract in Google's shape, and never a 500."""

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import settings as searching
from hypothesis import strategies as st

from app.db import Database
from app.perspective.attributes import ATTRIBUTES
from config.settings import Settings
from tests.support.perspective import ANALYZE, BATCH, SUGGEST, answered, call, make_key, send

text = st.text(st.characters(codec=None), max_size=60)  # lone surrogates and NUL among them
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)


def message(*required: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Fields as they belong there, in either spelling; in some of them, one is anything."""
    sound = st.fixed_dictionaries(
        {name: fields[name] for name in required},
        optional={name: field for name, field in fields.items() if name not in required},
    )
    spoilt = st.builds(lambda whole, name, wrong: whole | {name: wrong}, sound, st.sampled_from([*fields]), anything)
    either = st.integers(0, 9).flatmap(lambda number: sound if number else spoilt)
    return st.builds(
        lambda whole, by_protocol: {_snake(name) if by_protocol else name: whole[name] for name in whole},
        either,
        st.booleans(),
    )


def _snake(name: str) -> str:
    return re.sub("(?<=[a-z])[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def number(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Numbers, some of them as strings, some not there."""
    return values | values.map(str) | st.none()


kind = st.sampled_from(["SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "PROBABILITY", None, "RAW"])
name = st.sampled_from([*ATTRIBUTES, "FLIRTATION"])
words = text.map(lambda some: f"A word. {some}") | st.sampled_from(["<p>You &amp; <b>I", "a" * 20_480, "", "\ud800 \0"])
entry = message("text", text=words, type=st.sampled_from(["PLAIN_TEXT", "HTML", None]))
context = message(entries=st.lists(entry, max_size=2), articleAndParentComment=message(article=entry))
languages = st.lists(st.sampled_from(["en", "en", "en-GB", "it"]), max_size=2)
common = {"comment": entry, "context": context, "languages": languages, "clientToken": text, "communityId": text}
parameters = message(scoreType=kind, scoreThreshold=number(st.floats(0, 1)))
analysis = message(
    *("comment", "requestedAttributes"),
    **common,
    requestedAttributes=st.dictionaries(name, parameters, min_size=1, max_size=4),
    doNotStore=st.booleans(),
    dropUnsupportedAttributes=st.booleans(),
    spanAnnotations=st.booleans(),
    sessionId=text,
)
score = message("value", value=number(st.floats(0, 1)), type=kind)
span = message(begin=number(st.integers(0, 9)), end=st.integers(0, 9), score=score)
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
MASKS = st.lists(
    st.sampled_from(
        ["attributeScores", "TOXICITY", "summary_score", "languages", "*", "/", ".", ",", "(", ")", " ", "\0"]
    ),
    max_size=12,
).map("".join)
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


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@often
@given(fields=MASKS | text, pretty=text)
def test_whatever_parts_of_an_answer_a_client_wants_it_gets_them_or_400(
    client: FlaskClient, key: str, fields: str, pretty: str
) -> None:
    query = {
        name: value.encode("utf-8", "surrogatepass") for name, value in (("fields", fields), ("prettyPrint", pretty))
    }
    body = {"comment": {"text": "A word."}, "requestedAttributes": {"TOXICITY": {}}}
    answer = client.post(ANALYZE, json=body, query_string={"key": key} | query)
    assert answer.status_code in {200, 400}
    found = answer.get_json()
    assert found["error"]["status"] == "INVALID_ARGUMENT" if answer.status_code == 400 else isinstance(found, dict)


def refused_as_google_does(status: int, found: Any) -> None:
    assert status in {400, 403, 404, 405, 429}
    assert set(found) == {"error"}
    assert {"code", "message", "status"} <= set(found["error"]) <= {"code", "message", "status", "details"}
    assert found["error"]["code"] == status


# a part of a batch: what is called, whether with the key, and what is spoilt in it
spoilt = st.tuples(
    st.integers(0, 400), st.sampled_from([b"", b"\r\n", b"\n\n", b"\0", b"\xff", b"--b", b"HTTP/1.1", b"/"])
)
PARTS = st.lists(st.tuples(CALLS, st.booleans(), st.none() | spoilt), max_size=4)


def part_of(path: str, body: bytes, key: str, spoilt: tuple[int, bytes] | None) -> bytes:
    head, _, _ = call(key, None, path).rpartition(b"null")
    whole = head + body
    if spoilt is None:
        return whole
    at, what = spoilt
    return whole[:at] + what + whole[at + len(what) :]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@often
@given(parts=PARTS, end=st.sampled_from([b"\r\n", b"\n"]))
def test_every_part_of_a_batch_is_answered_or_refused_in_googles_shape(
    client: FlaskClient, key: str, parts: list[tuple[tuple[str, bytes], bool, tuple[int, bytes] | None]], end: bytes
) -> None:
    raw = [part_of(path, body, key if good else "guess", wrong) for (path, body), good, wrong in parts]
    answer = send(client, *raw, boundary="=_nobody-writes-this_=", end=end)
    if answer.status_code != 200:
        assert raw == []
        refused_as_google_does(answer.status_code, answer.get_json())
        return
    found = answered(answer)
    assert len(found) == len(raw)
    for each in found:
        if each.status != 200:
            refused_as_google_does(each.status, each.body)


frame = st.lists(
    st.sampled_from(
        [b"--b", b"--b--", b"\r\n", b"\n", b"\r", b"Content-Type: ", b"application/http", b"multipart/mixed;boundary=b"]
    )
    | st.binary(max_size=20),
    max_size=20,
).map(b"".join)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@often
@given(body=frame, kind=st.sampled_from(["multipart/mixed; boundary=b", 'multipart/mixed; boundary="\\""']) | header)
def test_whatever_is_sent_as_a_batch_is_answered_or_refused_in_googles_shape(
    client: FlaskClient, body: bytes, kind: str
) -> None:
    answer = client.post(BATCH, data=body, content_type=kind)
    if answer.status_code == 200:
        for each in answered(answer):
            refused_as_google_does(each.status, each.body)
    else:
        assert answer.status_code == 400
        refused_as_google_does(400, answer.get_json())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
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
