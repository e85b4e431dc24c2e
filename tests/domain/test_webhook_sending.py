"""What is told arrives: signed, at least once, of one comment in order, whatever the receiver does."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import delete
from standardwebhooks import Webhook as Verifier

from app import outgoing
from app.db import Database
from app.models import WebhookDelivery
from app.outgoing import Client
from app.webhooks import deliveries, register
from app.webhooks.sending import Sender
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled
from tests.support.hooked import Hooked, hooked
from tests.support.key_server import Answer, saying

# of this day, by which certificates are judged
NOW = datetime.now(UTC).replace(microsecond=0)
FAILED = saying(b"", 500)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def paper(
    settings: Settings, house: HouseRules, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hooked]:
    with hooked(assembled(settings, house, database), tmp_path, monkeypatch) as found:
        yield found


def always(answer: Answer) -> Callable[[dict[str, Any]], Answer]:
    return lambda _event: answer


def of(*comment_ids: int, answer: Answer = FAILED) -> Callable[[dict[str, Any]], Answer | None]:
    """Of these comments nothing is taken."""
    refused = {str(each) for each in comment_ids}
    return lambda event: answer if event["data"]["comment"]["id"] in refused else None


def test_what_has_arrived_is_not_sent_again(paper: Hooked) -> None:
    paper.turn(paper.comment(), "removed", "published")
    assert paper.send() == 3
    assert paper.receiver.events == ["comment.published", "comment.removed", "comment.published"]
    assert paper.states() == [("delivered", 1, "200")] * 3
    assert paper.send() == 0


def test_a_receiver_that_is_down_is_told_when_it_is_back(paper: Hooked, clock: time_machine.Traveller) -> None:
    address = paper.receiver.server.address
    with socket.create_server(("127.0.0.1", 0)) as gone:
        away = f"https://localhost:{gone.getsockname()[1]}/"
    with paper.it.database.transaction() as session:
        register.named(session, paper.site, "cms").url = away
    comments = [paper.comment() for _ in range(5)]
    for _ in range(6):
        paper.send()
        clock.shift(timedelta(minutes=10))
    assert {each.state for each in paper.deliveries()} == {"waiting"}
    assert {each.answer for each in paper.deliveries()} <= {"broken", None}
    assert (paper.webhook().failing_since, paper.webhook().paused_at) == (NOW, None)
    with paper.it.database.transaction() as session:
        register.named(session, paper.site, "cms").url = address
    # the next one that happens is tried within ten minutes, and with it all others
    comments.append(paper.comment())
    clock.shift(timedelta(minutes=10))
    paper.send()
    assert {each for each, _event in paper.receiver.comments} == {str(each.id) for each in comments}
    assert (paper.webhook().failing_since, paper.webhook().failures) == (None, 0)


def test_each_attempt_waits_longer_and_after_three_days_there_is_none(
    paper: Hooked, clock: time_machine.Traveller
) -> None:
    paper.comment()
    paper.receiver.instead = always(FAILED)
    waits = []
    while paper.send():
        (delivery,) = paper.deliveries()
        waits.append(delivery.next_at - delivery.tried_at if delivery.tried_at else timedelta())
        clock.move_to(max(delivery.next_at, paper.webhook().free_at))
    (delivery,) = paper.deliveries()
    assert (delivery.state, delivery.answer) == ("dead", "500")
    assert delivery.tried_at
    longest = deliveries.PATIENCE + 1.2 * deliveries.WAITS[-1]
    assert deliveries.PATIENCE <= delivery.tried_at - NOW < longest
    assert 9 <= delivery.attempts <= 12
    for wait, usual in zip(waits[:-1], deliveries.WAITS, strict=False):
        assert 0.8 * usual <= wait <= 1.2 * usual
    assert paper.webhook().paused_for == "failing"


def test_the_next_event_of_a_comment_waits_for_the_one_before_and_no_other_does(
    paper: Hooked, clock: time_machine.Traveller
) -> None:
    slow, other = paper.comment(), paper.comment()
    paper.turn(slow, "removed")
    paper.turn(other, "removed")
    paper.receiver.instead = of(slow.id)
    paper.send()
    assert paper.receiver.comments == [(str(other.id), "comment.published"), (str(other.id), "comment.removed")]
    assert [state for state, _attempts, _answer in paper.states()].count("waiting") == 2
    paper.receiver.instead = lambda _event: None
    assert paper.send() == 0
    clock.shift(timedelta(seconds=10))
    paper.send()
    assert paper.receiver.comments[2:] == [(str(slow.id), "comment.published"), (str(slow.id), "comment.removed")]


def test_what_is_given_up_lets_the_next_event_go(paper: Hooked, clock: time_machine.Traveller) -> None:
    comment = paper.comment()
    paper.receiver.instead = lambda event: FAILED if event["type"] == "comment.published" else None
    paper.send()
    clock.shift(timedelta(days=2, hours=23))
    paper.turn(comment, "removed")
    paper.turn(paper.comment(state="held"), "held")
    assert paper.send() == 2
    assert paper.receiver.events == ["comment.held"]
    clock.shift(timedelta(hours=2))
    assert paper.send() == 2
    assert [(each.event, each.state) for each in paper.deliveries()] == [
        *(("comment.published", "dead"), ("comment.removed", "delivered"), ("comment.held", "delivered")),
    ]
    assert paper.receiver.events == ["comment.held", "comment.removed"]


def test_a_receiver_that_fails_again_and_again_is_left_alone_for_longer_and_longer(
    paper: Hooked, clock: time_machine.Traveller
) -> None:
    for _ in range(13):
        paper.comment()
    paper.receiver.instead = always(FAILED)
    assert paper.send() == 3
    rests = []
    for _ in range(9):
        free_at = paper.webhook().free_at
        rests.append((free_at - datetime.now(UTC)).total_seconds())
        clock.move_to(free_at)
        assert paper.send() == 1
    assert rests == [8, 16, 32, 64, 128, 256, 512, 600, 600]


def test_one_event_that_is_never_taken_keeps_none_of_the_others(paper: Hooked) -> None:
    comments = [paper.comment() for _ in range(12)]
    paper.receiver.instead = of(comments[0].id, comments[5].id)
    assert paper.send() == 12
    assert len(paper.receiver.took) == 10
    assert paper.webhook().failures == 0


def test_who_asks_to_be_left_alone_is(paper: Hooked, clock: time_machine.Traveller) -> None:
    paper.comment()
    paper.comment()
    paper.receiver.instead = always(saying(b"", 429, Retry_After="120"))
    assert paper.send() == 1
    clock.shift(timedelta(seconds=119))
    assert paper.send() == 0
    paper.receiver.instead = always(saying(b"", 503, Retry_After="999999999"))
    clock.shift(timedelta(seconds=1))
    assert paper.send() == 1
    paper.receiver.instead = lambda _event: None
    clock.shift(timedelta(minutes=11))
    paper.send()
    clock.shift(timedelta(days=1, hours=1))
    paper.send()
    assert [state for state, *_ in paper.states()] == ["delivered", "delivered"]


def test_who_is_gone_is_told_nothing_any_more_until_it_is_replayed(paper: Hooked) -> None:
    paper.comment()
    paper.comment()
    paper.receiver.instead = always(saying(b"", 410))
    assert paper.send() == 1
    assert paper.webhook().paused_for == "gone"
    paper.receiver.instead = lambda _event: None
    paper.comment()
    assert paper.send() == 0
    assert paper.replay() == 3
    paper.send()
    assert (len(paper.receiver.took), paper.webhook().paused_at) == (3, None)


def test_who_sends_us_elsewhere_is_not_followed(paper: Hooked) -> None:
    paper.comment()
    paper.receiver.instead = always(saying(b"", 307, Location=paper.receiver.server.address))
    assert paper.send() == 1
    assert (paper.receiver.server.asked, paper.states()) == (1, [("waiting", 1, "307")])


def test_nothing_inside_our_network_is_reached(paper: Hooked) -> None:
    """By the client that production has: the receiver is on this machine."""
    paper.comment()
    Sender(paper.it).send_all()
    assert paper.states() == [("waiting", 1, "not_public")]
    assert paper.receiver.server.connected == 0


def test_a_name_that_leads_inside_when_it_is_looked_up_again_is_not_looked_up_again(
    paper: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["127.0.0.2", "127.0.0.1"])
    looked_up = []

    def resolve(host: str, port: int, **_kind: object) -> list[tuple[object, ...]]:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    paper.comment()
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    # 127.0.0.2 stands for the open internet, and 127.0.0.1, where the receiver is, for our network
    Sender(paper.it, Client(permits=lambda address: address == "127.0.0.2")).send_all()
    assert (looked_up, paper.receiver.server.connected) == (["localhost"], 0)
    assert paper.states() == [("waiting", 1, "broken")]


@pytest.mark.parametrize("wrong", ["silent", "huge", "cut short", "nothing"])
def test_who_answers_nonsense_is_asked_again(
    paper: Hooked, wrong: str, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
) -> None:
    def silent(handler: BaseHTTPRequestHandler) -> None:
        handler.rfile.read()  # until we have gone

    answers: dict[str, Answer] = {
        "silent": silent,
        "huge": saying(b"x" * 70_000),
        "cut short": saying(b"x", Content_Length="100"),
        "nothing": lambda handler: handler.connection.close(),
    }
    monkeypatch.setattr(outgoing, "MOST_SECONDS", 0.5)
    paper.comment()
    paper.receiver.instead = always(answers[wrong])
    assert paper.send() == 1
    monkeypatch.undo()
    monkeypatch.setenv("SSL_CERT_FILE", str(paper.receiver.server.certificate))
    paper.receiver.instead = lambda _event: None
    clock.shift(timedelta(seconds=10))
    assert paper.send() == 1
    assert paper.states()[0][:2] == ("delivered", 2)


def test_each_attempt_has_its_own_time_and_the_event_its_number(paper: Hooked, clock: time_machine.Traveller) -> None:
    paper.comment()
    seen: list[dict[str, str]] = []

    def look(handler: BaseHTTPRequestHandler) -> None:
        seen.append({name.lower(): value for name, value in handler.headers.items()})
        FAILED(handler)

    paper.receiver.instead = always(look)
    paper.send()
    clock.shift(timedelta(seconds=10))
    paper.send()
    first, second = seen
    assert first["webhook-id"] == second["webhook-id"] == str(paper.deliveries()[0].id)
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 10


def test_both_secrets_sign_for_a_day_and_each_receiver_has_its_own(
    paper: Hooked, settings: Settings, clock: time_machine.Traveller
) -> None:
    def signed_by(*secrets: str) -> list[bool]:
        """Which of them verify what is told next."""
        good: list[bool] = []

        def look(handler: BaseHTTPRequestHandler) -> None:
            body = handler.rfile.read(int(handler.headers["Content-Length"]))
            for secret in secrets:
                try:
                    Verifier(secret).verify(body, dict(handler.headers.items()))
                    good.append(True)
                except Exception:
                    good.append(False)
            saying(b"")(handler)

        paper.receiver.server.answer = look
        paper.comment()
        paper.send()
        return good

    first = paper.receiver.secret
    other = paper.hook("other", paper.receiver.server.address, ("reader.banned",))
    assert first.startswith("whsec_")
    assert signed_by(first, other) == [True, False]
    with paper.it.database.transaction() as session:
        second = register.rotate(session, settings, paper.site, "cms")
    assert signed_by(first, second) == [True, True]
    clock.shift(timedelta(hours=23))
    assert signed_by(first, second) == [True, True]
    clock.shift(timedelta(hours=2))
    assert signed_by(first, second) == [False, True]
    with paper.it.database.transaction() as session:
        third = register.rotate(session, settings, paper.site, "cms")
    assert signed_by(first, second, third) == [False, True, True]


def test_what_is_replayed_has_its_number_and_says_what_is_so_now(paper: Hooked, clock: time_machine.Traveller) -> None:
    old, comment = paper.comment(), paper.comment("My address is 1 Harbour Lane.")
    paper.send()
    clock.shift(timedelta(days=1))
    paper.turn(comment, "removed")
    paper.send()
    first = [headers["webhook-id"] for headers in paper.receiver.headers]
    paper.receiver.took.clear()
    paper.receiver.headers.clear()
    assert paper.replay(since=NOW + timedelta(hours=1)) == 1
    assert paper.replay(since=NOW - timedelta(hours=1)) == 3
    paper.send()
    assert [headers["webhook-id"] for headers in paper.receiver.headers] == first
    assert [each["data"]["comment"]["state"] for each in paper.receiver.took] == ["published", "removed", "removed"]
    assert "Harbour" not in str(paper.receiver.took)
    assert paper.replay(delivery_id=int(first[0])) == 1
    paper.send()
    assert paper.receiver.comments[-1] == (str(old.id), "comment.published")
    assert paper.replay() == 0


def test_no_transaction_is_open_while_somebody_is_told(paper: Hooked, database: Database) -> None:
    open_then: list[int] = []

    def look(handler: BaseHTTPRequestHandler) -> None:
        open_then.append(database.engine.pool.checkedout())  # type: ignore[attr-defined]
        saying(b"")(handler)

    paper.receiver.instead = always(look)
    paper.comment()
    paper.send()
    assert open_then == [0]


@pytest.mark.parametrize("what", ["the webhook", "the log"])
def test_what_is_taken_away_while_it_is_sent_is_missed_by_nobody(paper: Hooked, database: Database, what: str) -> None:
    def take_away(handler: BaseHTTPRequestHandler) -> None:
        with database.transaction() as session:
            if what == "the webhook":
                register.remove(session, paper.site, "cms")
            else:
                session.execute(delete(WebhookDelivery))
        saying(b"")(handler)

    paper.comment()
    paper.receiver.instead = always(take_away)
    assert (paper.send(), paper.send(), paper.deliveries()) == (1, 0, [])


def test_what_cannot_be_put_together_keeps_none_of_the_others(paper: Hooked, database: Database) -> None:
    paper.comment()
    with database.transaction() as session:
        broken = session.merge(paper.deliveries()[0])
        broken.subject_id = 1  # of no comment
    paper.comment()
    assert paper.send() == 2
    assert paper.states() == [("waiting", 1, "failed"), ("delivered", 1, "200")]
