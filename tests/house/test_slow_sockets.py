"""Who sends or reads slowly stops nobody: a real server answers everybody else while 200 of them are there."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.db import Database
from app.models import Account, Comment, Story
from config.settings import Settings
from tests.support import factories
from tests.support.callers import bearer_of
from tests.support.raw_http import ask, connected, half_sent, is_open, reply, request
from tests.support.serving import served

SLOW = 200
LARGE = "/api/v1/openapi.json"


@dataclass(frozen=True)
class Web:
    port: int
    story: Story
    writer: Account
    settings: Settings

    def thread(self) -> str:
        return f"/api/v1/stories/{self.story.key}/comments"

    def post(self, text: str) -> bytes:
        body = json.dumps({"text": text, "confirm": True}).encode()
        who = [f"{name}: {value}" for name, value in bearer_of(self.settings, self.writer).items()]
        return request("POST", self.thread(), "Content-Type: application/json", *who, body=body)


@pytest.fixture
def web(settings: Settings, database: Database, tmp_path: Path) -> Iterator[Web]:
    with database.transaction() as session:
        site = factories.site(session)
        story, writer = factories.story(session, site, "a-story"), factories.subscriber(session)
    with served(settings, tmp_path / "web.log") as url:
        # which is who issues tokens
        yield Web(int(url.rpartition(":")[2]), story, writer, replace(settings, public_url=url))


def test_everybody_is_answered_while_200_are_slow(web: Web, database: Database) -> None:
    wholly = len(ask(web.port, request("GET", LARGE)).body)
    paths = ["/stripe/webhook", web.thread(), "/queue", "/healthz", "/sign-in", "/v1alpha1/comments:analyze"]
    bodies = [connected(web.port, half_sent(paths[number % len(paths)])) for number in range(SLOW // 2)]
    heads = [connected(web.port, request("GET", "/")[:-2]) for _ in range(SLOW // 4)]
    takers = [connected(web.port, request("GET", LARGE), buffer=4096) for _ in range(SLOW // 4)]
    for path in ("/healthz", "/readyz", f"/stories/{web.story.id}", web.thread()):
        for each in bodies:
            each.sendall(b"x")
        assert ask(web.port, request("GET", path)).status == 200
    assert ask(web.port, web.post("All the while.")).status == 201
    assert ask(web.port, request("POST", "/stripe/webhook", body=b"{}")).status == 400
    assert all(map(is_open, [*bodies, *heads]))
    with database.reading() as session:
        assert [comment.text for comment in session.query(Comment)] == ["All the while."]
    for taker in takers:
        answer = reply(taker)
        assert (answer.status, len(answer.body)) == (200, wholly)
    for each in [*bodies, *heads, *takers]:
        each.close()
