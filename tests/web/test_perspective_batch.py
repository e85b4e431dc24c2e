"""POST /batch: many calls of the Perspective API in one request, each answered as it would be alone."""

import json
from dataclasses import replace
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import Database
from app.models import SuggestedScore
from app.toxicity import Guarded
from app.web.integrations import perspective_batch
from app.web.services import EXTENSION
from config.policy import HouseRules
from config.settings import Settings
from tests.support.perspective import (
    ANALYZE,
    BATCH,
    SUGGEST,
    Answered,
    answered,
    ask,
    call,
    error,
    make_key,
    request,
    send,
    suggestion,
)
from tests.support.scorers import Silent

RUDE = "You [toxicity=0.9]"


@pytest.fixture
def key(database: Database, settings: Settings) -> str:
    return make_key(database, settings)


def refusal(answer: Answered) -> tuple[int, str]:
    """The status and Google's name of it."""
    found = answer.body["error"]
    assert found["code"] == answer.status
    assert answer.headers["Content-Type"] == "application/json"
    return answer.status, found["status"]


def test_every_call_is_answered_as_it_would_be_alone_and_in_order(
    client: FlaskClient, key: str, database: Database
) -> None:
    bodies = [request(RUDE, clientToken="1"), request(""), {"txt": 1}, request("Ciao.", languages=["it"])]
    parts = [call(key, body, name=f"<a + {number}>") for number, body in enumerate(bodies)]
    parts.append(call(key, suggestion("You idiot!", clientToken="5"), SUGGEST, name="<a + 4>"))
    found = answered(send(client, *parts))
    assert [each.name for each in found] == [f"<response-a + {number}>" for number in range(5)]
    for body, one in zip(bodies, found, strict=False):
        alone = ask(client, key, body)
        assert (one.status, one.body) == (alone.status_code, alone.get_json())
    assert (found[4].status, found[4].body["clientToken"]) == (200, "5")
    with database.reading() as session:
        assert session.scalars(select(SuggestedScore.text)).all() == ["You idiot!"]


def test_calls_may_be_written_in_any_way_that_http_and_mime_allow(client: FlaskClient, key: str) -> None:
    body = json.dumps(request("Sei gemein, 😀 [toxicity=0.9]"), ensure_ascii=False).encode()
    kind = b"Content-Type: application/http"
    target, version = f"{ANALYZE}?key={key}".encode(), b" HTTP/1.0\nContent-Type: application/json\n\n"
    for part in (
        kind + b"; msgtype=request\n\nPOST " + target + b"\n\n" + body,
        kind + b"\r\nContent-ID:\r\n <folded>\r\n\r\nPOST https://any.example" + target + b" HTTP/1.1\r\n\r\n" + body,
        kind + b"\n\n\r\nPOST " + target.replace(b":", b"%3A") + version + body,
    ):
        for end in (b"\r\n", b"\n"):
            (answer,) = answered(send(client, part, end=end))
            assert answer.status == 200, answer.body
            assert answer.body["attributeScores"]["TOXICITY"]["summaryScore"]["value"] == 0.9


def test_fields_hold_for_the_call_that_names_them(client: FlaskClient, key: str) -> None:
    some = call(f"{key}&fields=languages", request(RUDE))
    wrong = call(f"{key}&fields=nothing", request(RUDE))
    whole, part, refused = answered(send(client, call(key, request(RUDE)), some, wrong))
    assert set(whole.body) > {"languages"} == set(part.body)
    assert refused.body["error"]["message"] == "Invalid field selection nothing"


@pytest.mark.parametrize(
    ("sent", "given"),
    [
        ("<a + 1>", "<response-a + 1>"),
        ("item:1@host", "response-item:1@host"),
        ("<a\r\n + 1>", "<response-a + 1>"),
        ("", None),
        ("<" + "a" * 2000 + ">", None),
        ("<a\x01b>", None),
        ("<é>", None),
    ],
)
def test_an_answer_names_its_call_if_that_has_a_name(
    client: FlaskClient, key: str, sent: str, given: str | None
) -> None:
    (found,) = answered(send(client, call(key, request(RUDE), name=sent)))
    assert (found.status, found.name) == (200, given)


def test_each_call_counts_against_the_quota_of_its_key(
    client: FlaskClient, database: Database, settings: Settings
) -> None:
    few = make_key(database, settings, "few", per_minute=2)
    many = make_key(database, settings, "many")
    # more than two minutes allow, in which they may fall
    found = answered(send(client, *(call(key, request(RUDE)) for key in (many, few, few, few, few, few, many))))
    assert [each.status for each in (*found[:3], found[6])] == [200] * 4
    assert refusal(found[5]) == (429, "RESOURCE_EXHAUSTED")
    assert int(found[5].headers["Retry-After"]) >= 1
    assert ask(client, few, request(RUDE)).status_code == 429


def test_a_call_without_a_good_key_is_refused_alone_and_counted_by_address(app: Flask, key: str) -> None:
    services = app.extensions[EXTENSION]
    few = HouseRules(services.house.at({"limits": {"requests_per_minute": 3}}))
    app.extensions[EXTENSION] = replace(services, house=few)
    parts = [call(each, request(RUDE)) for each in ("guess", key, "guess", "", "guess", key)]
    found = answered(send(app.test_client(), *parts))
    assert [each.status for each in found] == [400, 200, 400, 403, 429, 200]
    assert found[4].body["error"]["status"] == "RESOURCE_EXHAUSTED"


def test_the_key_may_be_a_header_of_the_whole_or_of_the_call(
    client: FlaskClient, key: str, database: Database, settings: Settings
) -> None:
    used_up = make_key(database, settings, "few", per_second=1, per_minute=1)
    ask(client, used_up, request(RUDE))
    keyless = call("", request(RUDE)).replace(b"?key=", b"")
    own = keyless.replace(b"Accept:", f"X-Goog-Api-Key: {used_up}\r\nAccept:".encode())
    client.environ_base["HTTP_X_GOOG_API_KEY"] = key
    assert [each.status for each in answered(send(client, keyless, own))] == [200, 429]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (BATCH, (404, "NOT_FOUND")),
        ("/metrics", (404, "NOT_FOUND")),
        ("/healthz", (404, "NOT_FOUND")),
        ("/api/v1/tokens", (404, "NOT_FOUND")),
        ("/v1alpha1/comments:guess", (404, "NOT_FOUND")),
        ("/v1alpha1/../metrics", (404, "NOT_FOUND")),
        ("v1alpha1/comments:analyze", (404, "NOT_FOUND")),
        ("//v1alpha1/comments:analyze", (404, "NOT_FOUND")),
        ("http://[", (400, "INVALID_ARGUMENT")),
    ],
)
def test_a_batch_calls_nothing_else(client: FlaskClient, key: str, path: str, status: tuple[int, str]) -> None:
    wrong, right = answered(send(client, call(key, request(RUDE), path), call(key, request(RUDE))))
    assert refusal(wrong) == status
    assert right.status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "BREW"])
def test_another_method_is_refused_as_it_is_alone(client: FlaskClient, key: str, method: str) -> None:
    (found,) = answered(send(client, call(key, request(RUDE)).replace(b"POST", method.encode())))
    assert refusal(found) == (405, "UNIMPLEMENTED")


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"\r\n",
        b"Content-Type: application/json\r\n\r\n{}",
        b"Content-Type: application/http\r\n\r\n",
        b"Content-Type: application/http\r\n\r\n{}",
        b"Content-Type: application/http\r\n\r\nPOST /v1alpha1/comments:analyze HTTP/1.1 more\r\n\r\n{}",
        b"Content-Type: application/http\r\n\r\nPOST /v1alpha1/comments:analyze SPDY/3\r\n\r\n{}",
        b"Content-Type: application/http\r\n\r\nPOST /v1alpha1/comments:analyze?key=\xff HTTP/1.1\r\n\r\n{}",
        b"Content-Type: application/http\r\nContent-Transfer-Encoding: base64\r\n\r\n====",
        b"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: application/http\r\n\r\nGET /\r\n--c--",
        b"Content-Type: message/rfc822\r\n\r\nSubject: a\r\n\r\nb",
        b"\xff\xfe: \xff\r\n\r\n\xff",
    ],
)
def test_a_part_that_is_no_call_is_refused_alone(client: FlaskClient, key: str, part: bytes) -> None:
    wrong, right = answered(send(client, part, call(key, request(RUDE))))
    assert refusal(wrong) == (400, "INVALID_ARGUMENT")
    assert wrong.body["error"]["message"].startswith("Failed to parse batch request, error: ")
    assert right.status == 200


def whole(client: FlaskClient, body: bytes, kind: str = "multipart/mixed; boundary=b") -> tuple[TestResponse, str]:
    answer = client.post(BATCH, data=body, content_type=kind)
    assert error(answer) == (400, "INVALID_ARGUMENT", "")
    return answer, answer.get_json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/mixed; boundary=b"),
        (b"{}", "application/json"),
        (b"{}", "multipart/mixed; boundary=b"),
        (b"--b\r\n\r\na\r\n--b--", "multipart/mixed"),
        (b"--b\r\n\r\na\r\n--b--", "multipart/form-data; boundary=b"),
        (b"--b\r\n\r\na\r\n--b--", "multipart/mixed; boundary=c"),
        (b"--b\r\n\r\na\r\n", "multipart/mixed; boundary=b"),
        (b"--b--", "multipart/mixed; boundary=b"),
        (b"--\r\n\r\na\r\n----", 'multipart/mixed; boundary=""'),
        (b'--b"\r\n\r\na\r\n--b"--', 'multipart/mixed; boundary="b\\""'),
        (b"\n" * 300_000, "multipart/mixed; boundary=b"),
        (b"--b\n" * 100_000, "multipart/mixed; boundary=b"),
    ],
)
def test_where_the_calls_cannot_be_told_apart_all_are_refused(client: FlaskClient, body: bytes, kind: str) -> None:
    whole(client, body, kind)


def test_a_thousand_calls_are_taken_and_one_more_is_not(client: FlaskClient, key: str, database: Database) -> None:
    one = b"--b\r\n" + call("guess", {}) + b"\r\n"
    answer = client.post(BATCH, data=one * 1000 + b"--b--", content_type="multipart/mixed; boundary=b")
    assert len(answered(answer)) == 1000
    _, message = whole(client, one * 1001 + b"--b--")
    assert message == "The maximum number of calls in a single batch is 1000."


def test_a_batch_has_four_mebibytes_at_most(client: FlaskClient) -> None:
    _, message = whole(client, b"a" * (4 * 1024 * 1024 + 1))
    assert message == "Request payload size exceeds the limit: 4194304 bytes."


def test_parts_within_parts_are_not_looked_into(client: FlaskClient, key: str) -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=c%d\n\n--c%d\n" % (each, each) for each in range(5000))
    wrong, right = answered(send(client, deep, call(key, request(RUDE))))
    assert (wrong.status, right.status) == (400, 200)


def test_what_no_time_is_left_for_is_told_to_come_again(
    client: FlaskClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = count()  # whoever looks at the clock finds it a second later
    monkeypatch.setattr(perspective_batch, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))
    monkeypatch.setattr(perspective_batch, "LONGEST_SECONDS", 2.5)
    found = answered(send(client, *(call(key, request(RUDE)) for _ in range(4))))
    assert [each.status for each in found] == [200, 200, 503, 503]
    assert refusal(found[3]) == (503, "UNAVAILABLE")


def test_without_the_scorer_each_call_is_unavailable(app: Flask, key: str) -> None:
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], load_scorer=lambda: Guarded(Silent()))
    found = answered(send(app.test_client(), *(call(key, request(RUDE)) for _ in range(3))))
    assert [refusal(each) for each in found] == [(503, "UNAVAILABLE")] * 3


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_batch_is_posted(client: FlaskClient, method: str) -> None:
    assert error(client.open(BATCH, method=method))[:2] == (405, "UNIMPLEMENTED")


def test_nothing_of_a_batch_is_kept_or_logged(client: FlaskClient, key: str, capfd: pytest.CaptureFixture[str]) -> None:
    secret: Any = request("xylophone [toxicity=0.9]", clientToken="xylophone")
    answered(send(client, call(key, secret, name="<xylophone>"), b"xylophone", call(key, secret | {"xylophone": 1})))
    said = "".join(capfd.readouterr())
    assert BATCH in said
    assert "xylophone" not in said
    assert key not in said
