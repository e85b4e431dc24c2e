"""A body comes to the application whole, or not at all: who is slow, leaves or sends too much never has a thread."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import raw_http
from tests.support.echo import HEADER, LARGEST, PLACES, echoing
from tests.support.raw_http import Reply, ask, connected, half_sent, reply, request
from tests.support.stripe_world import eventually


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with echoing("front", tmp_path_factory.mktemp("echo")) as (port, _):
        yield port


def asked(answer: Reply) -> dict[str, Any]:
    assert answer.status == 200
    found: dict[str, Any] = json.loads(answer.header(HEADER) or "")
    return found


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    sent = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return request("POST", "/", "Transfer-Encoding: chunked") + sent + end


def problem(answer: Reply) -> tuple[int, str]:
    assert answer.header("content-type") == "application/problem+json"
    body = json.loads(answer.body)
    assert body["status"] == answer.status
    return answer.status, body["code"]


def test_others_are_answered_while_bodies_are_half_sent(port: int) -> None:
    slow = [connected(port, half_sent()) for _ in range(PLACES - 1)]
    assert ask(port, request("GET", "/")).status == 200
    assert all(raw_http.is_open(each) for each in slow)
    for each in slow:
        each.close()


def test_who_stops_sending_is_told_and_dropped(port: int) -> None:
    with connected(port, half_sent()) as slow:
        answer = reply(slow)
    assert problem(answer) == (408, "too_slow")
    assert answer.header("connection") == "close"


def test_who_sends_a_byte_now_and_then_is_dropped_as_well(port: int) -> None:
    with connected(port, half_sent()) as slow:

        def dropped() -> bool:
            if raw_http.is_open(slow):
                slow.sendall(b"x")
                return False
            return True

        eventually(dropped, seconds=60)


def test_a_body_in_two_parts_is_one(port: int) -> None:
    with connected(port, request("POST", "/", "Content-Length: 6") + b"abc") as sender:
        sender.sendall(b"def")
        assert asked(reply(sender))["body"] == "abcdef"


def test_a_body_in_chunks_is_one(port: int) -> None:
    assert asked(ask(port, chunked(b"abc", b"def")))["body"] == "abcdef"


@pytest.mark.parametrize("end", [b"", b"zz\r\n", b"5\r\nab"])
def test_a_body_whose_sender_leaves_never_comes_to_the_application(port: int, end: bytes) -> None:
    with connected(port, chunked(b"abc", end=end)) as sender:
        sender.shutdown(1)
        assert reply(sender).status in (0, 400)
    with connected(port, request("POST", "/", "Content-Length: 6") + b"abc") as sender:
        sender.shutdown(1)
        assert reply(sender).status in (0, 400)


def test_trailers_are_refused(port: int) -> None:
    assert problem(ask(port, chunked(b"abc", end=b"0\r\nX-More: 1\r\n\r\n"))) == (400, "unfinished")


@pytest.mark.parametrize(
    "sent", [request("POST", "/", body=b"x" * (LARGEST + 1)), chunked(b"x" * LARGEST, b"y"), chunked(b"x" * 5000)]
)
def test_of_too_large_a_body_the_application_knows_the_size_and_gets_nothing(port: int, sent: bytes) -> None:
    environ = asked(ask(port, sent))
    assert int(environ["CONTENT_LENGTH"]) > LARGEST
    # so that nobody takes the rest for the whole
    assert (environ["body"], environ["wsgi.input_terminated"]) == ("", False)
    assert "HTTP_TRANSFER_ENCODING" not in environ


def test_the_largest_body_is_read(port: int) -> None:
    assert asked(ask(port, request("POST", "/", body=b"x" * LARGEST)))["body"] == "x" * LARGEST
    assert asked(ask(port, chunked(b"x" * LARGEST)))["body"] == "x" * LARGEST


def test_who_asks_before_sending_is_told_to_go_on(port: int) -> None:
    with connected(port, request("POST", "/", "Content-Length: 3", "Expect: 100-continue")) as sender:
        assert sender.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sender.sendall(b"abc")
        assert asked(reply(sender))["body"] == "abc"


def test_who_asks_before_sending_too_much_is_not_told_to_go_on(port: int) -> None:
    sent = request("POST", "/", f"Content-Length: {LARGEST + 1}", "Expect: 100-continue")
    with connected(port, sent) as sender:
        assert asked(Reply(*_first(sender.recv(65536))))["CONTENT_LENGTH"] == str(LARGEST + 1)


def test_requests_follow_each_other_on_one_connection(port: int) -> None:
    once = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"
    chunks = b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    with connected(port, once + chunks + once + request("GET", "/")) as sender:
        assert reply(sender).body.count(b"asked\n") == 4


def test_there_are_files_for_more_connections_than_the_system_begins_with(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with echoing("front", tmp_path_factory.mktemp("echo"), FILES="64") as (port, _):
        there = [connected(port, b"G") for _ in range(200)]
        assert ask(port, request("GET", "/")).status == 200
        for each in there:
            each.close()


def _first(came: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    head, _, body = came.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return int(status.split()[1]), [(n, v) for n, _, v in (line.partition(": ") for line in lines)], body
