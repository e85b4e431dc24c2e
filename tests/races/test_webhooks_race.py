"""Several workers, killed and slow ones, tell several receivers: at least once, of one comment in order, and nobody
waits for another."""

import json
import random
import signal
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import clock
from app.db import Database
from app.models import Comment, Site, WebhookDelivery
from app.models.webhook_delivery import DELIVERED
from app.stories import publication
from app.webhooks import deliveries, register
from app.webhooks.sending import AT_ONCE
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.hooked import Hooked, hooked
from tests.support.key_server import Answer, saying
from tests.support.repository import REPOSITORY
from tests.support.settings import environment_of
from tests.support.stripe_world import eventually
from tests.support.together import at_once

STATES = ("held", "published", "removed", "published", "withheld", "deleted")


@pytest.fixture
def paper(
    settings: Settings, house: HouseRules, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hooked]:
    with hooked(assembled(settings, house, database), tmp_path, monkeypatch) as found:
        yield found


@contextmanager
def sending(paper: Hooked, senders: int) -> Iterator[None]:
    """So many senders at work, as in workers of their own."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=paper.sender.run_until, args=(stop,), kwargs={"idle_seconds": 0.01})
        for _ in range(senders)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def left(paper: Hooked) -> int:
    with paper.it.database.reading() as session:
        waiting = select(WebhookDelivery.id).where(WebhookDelivery.state != DELIVERED)
        return len(session.scalars(waiting).all())


def test_of_one_comment_all_is_told_in_order_while_many_write_and_many_send(
    paper: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "WAITS", (timedelta(milliseconds=20),))
    monkeypatch.setattr(deliveries, "RESTS_AFTER", 1000)
    draw, inside, most, arrived = random.Random(7), Counter[str](), Counter[str](), list[tuple[int, str]]()

    def take(event: dict[str, Any]) -> Answer:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            inside["now"] += 1
            most["at once"] = max(most["at once"], inside["now"])
            arrived.append((int(handler.headers["webhook-id"]), event["data"]["comment"]["id"]))
            inside["now"] -= 1
            saying(b"", 500 if draw.random() < 0.2 else 200)(handler)

        return answer

    paper.receiver.instead = take
    comments = [paper.comment(state="held") for _ in range(4)]
    with sending(paper, 3):
        at_once(lambda number: paper.turn(comments[number], *STATES[1:]), len(comments))
        eventually(lambda: not left(paper), 60)
    by_comment = defaultdict(list)
    for delivery_id, comment in dict.fromkeys(arrived):
        by_comment[comment].append(delivery_id)
    assert {comment: sorted(found) for comment, found in by_comment.items()} == by_comment
    assert [len(by_comment[str(comment.id)]) for comment in comments] == [len(STATES)] * len(comments)
    assert [each.event.partition(".")[2] for each in paper.deliveries() if each.subject_id == comments[0].id] == [
        *("held", "published", "removed", "published", "held", "removed")
    ]
    assert most["at once"] == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_slow_receiver_keeps_no_other_waiting(paper: Hooked) -> None:
    go, quick = threading.Event(), list[str]()

    def by_path(event: dict[str, Any]) -> Answer:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            if handler.path.endswith("quick"):
                quick.append(event["data"]["comment"]["id"])
            else:
                go.wait(20)
            saying(b"")(handler)

        return answer

    for path in ("slow", "quick"):
        paper.hook(path, f"{paper.receiver.server.address}/{path}")
    paper.receiver.server.answer = lambda handler: by_path(json.loads(body_of(handler)))(handler)
    comments = [paper.comment() for _ in range(20)]
    with sending(paper, AT_ONCE):
        eventually(lambda: len(quick) == len(comments), 30)
        go.set()
    assert set(quick) == {str(comment.id) for comment in comments}


def body_of(handler: BaseHTTPRequestHandler) -> bytes:
    return handler.rfile.read(int(handler.headers["Content-Length"]))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_a_worker_sent_that_died_before_it_could_write_it_down_is_sent_again(
    paper: Hooked, settings: Settings
) -> None:
    comment = paper.comment()
    paper.turn(comment, "removed")
    running: list[subprocess.Popen[bytes]] = []
    sent: list[str] = []

    def kill(_event: dict[str, Any]) -> Answer:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            sent.append(handler.headers["webhook-id"])
            running[0].send_signal(signal.SIGKILL)
            running[0].wait()
            saying(b"")(handler)

        return answer

    paper.receiver.instead = kill
    environment = environment_of(settings) | {"SSL_CERT_FILE": str(paper.receiver.server.certificate)}
    command = [sys.executable, "-m", "tests.support.sending_process"]
    running.append(subprocess.Popen(command, cwd=REPOSITORY, env=environment))
    try:
        eventually(lambda: bool(sent), 60)
    finally:
        running[0].kill()
        running[0].wait()
    paper.receiver.instead = lambda _event: None
    assert paper.send() == 0  # for all that we know somebody is at it
    with clock.pretend(clock.now() + deliveries.LEASE_TIME):
        assert paper.send() == 2
    assert paper.receiver.headers[0]["webhook-id"] == sent[0]
    assert paper.receiver.events == ["comment.published", "comment.removed"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_worker_tells_nobody_inside_our_network(paper: Hooked, settings: Settings) -> None:
    """The real one, whose receiver is on this machine."""
    paper.comment()
    command = [sys.executable, "-m", "app.cli.main", "worker"]
    process = subprocess.Popen(command, cwd=REPOSITORY, env=environment_of(settings), stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: {answer for _state, _attempts, answer in paper.states()} == {"not_public"}, 60)
    finally:
        process.terminate()
        process.wait()
    assert paper.receiver.server.connected == 0


def test_who_lost_its_turn_writes_down_what_has_arrived_and_nothing_else(paper: Hooked) -> None:
    paper.comment()
    with paper.it.database.transaction() as session:
        stalled = deliveries.take(session)
    assert stalled
    with clock.pretend(clock.now() + deliveries.LEASE_TIME):
        with paper.it.database.transaction() as session:
            other = deliveries.take(session)
        assert other
        assert other.delivery.id == stalled.delivery.id
        with paper.it.database.transaction() as session:
            deliveries.settle(session, stalled, deliveries.Outcome("slow"))
        assert paper.states() == [("waiting", 0, None)]
        assert paper.webhook().free_at == other.until
        with paper.it.database.transaction() as session:
            deliveries.settle(session, stalled, deliveries.Outcome("200", arrived=True))
        with paper.it.database.transaction() as session:
            deliveries.settle(session, other, deliveries.Outcome("500"))
    assert paper.states() == [("delivered", 1, "200")]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_who_writes_waits_neither_for_who_else_writes_nor_for_who_sends(paper: Hooked, database: Database) -> None:
    first, second = paper.comment(), paper.comment()
    with database.transaction() as session, database.transaction() as at_the_same_time:
        publication.set_state(session, session.get_one(Comment, first.id), "held")
        taken = deliveries.take(at_the_same_time)
        assert taken
        with database.transaction() as another:
            story = factories.story(another, another.get_one(Site, paper.site.id))
            moved = another.get_one(Comment, second.id)
            publication.set_state(another, moved, "published")
            factories.comment(another, story, paper.author)
    with database.transaction() as session:
        deliveries.settle(session, taken, deliveries.Outcome("200", arrived=True))


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_webhook_that_is_removed_while_somebody_writes_goes_when_they_have_written(
    paper: Hooked, database: Database
) -> None:
    comment, removed = paper.comment(), threading.Event()

    def remove() -> None:
        with database.transaction() as session:
            register.remove(session, session.get_one(Site, paper.site.id), "cms")
        removed.set()

    with database.transaction() as session:
        publication.set_state(session, session.get_one(Comment, comment.id), "held")
        removing = threading.Thread(target=remove)
        removing.start()
        assert not removed.wait(0.3)
    removing.join()
    assert (removed.is_set(), paper.deliveries()) == (True, [])
    paper.turn(comment, "published")
    assert paper.deliveries() == []
