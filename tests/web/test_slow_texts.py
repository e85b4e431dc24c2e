"""Whose texts are slow waits for themselves: no reader and no program with a key waits for another's."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import Database
from app.models.comment import PUBLISHED
from app.toxicity import Guarded, Scores, Unavailable
from app.web.services import EXTENSION
from config.settings import Settings
from tests.support.perspective import ask, make_key, request
from tests.support.posting import Bearer, Scene, open_scene
from tests.support.scorers import Marked

SLOW = "A slow text."
# more than there are places
MANY = 6
# longer than a text that is not slow could take on any machine
DEADLINE_MS = 60_000


class Stuck(Marked):
    """Is stuck with SLOW until it is released; `stuck` counts with how many it has been."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()
        self.stuck = threading.Semaphore(0)

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
        if any(text.startswith(SLOW) for text in texts):
            self.stuck.release()
            self.released.wait()
        return super().score(texts, deadline)


@dataclass
class Hall:
    """Readers and programs before one scorer; `begin` sends a request and does not wait for its answer."""

    app: Flask
    scene: Scene
    scorer: Stuck
    keys: list[str]
    pool: ThreadPoolExecutor

    def begin(self, act: Callable[[], int]) -> "Future[int]":
        return self.pool.submit(act)

    def analyze(self, key: str, text: str) -> int:
        return ask(self.app.test_client(), key, request(text)).status_code

    def post(self, text: str) -> str:
        """The state of what another reader than the scene's has posted."""
        state: str = self.scene.post(text, by=self.scene.subscriber()).get_json()["state"]
        return state

    def post_own(self, text: str) -> int:
        headers = self.scene.bearer(self.scene.reader)
        return self.app.test_client().post(self.scene.path, json={"text": text}, headers=headers).status_code


@pytest.fixture
def hall(client: FlaskClient, app: Flask, bearer: Bearer, database: Database, settings: Settings) -> Iterator[Hall]:
    scorer, patient = Stuck(), replace(settings, scorer_deadline_ms=DEADLINE_MS)
    guarded = Guarded(scorer)
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], settings=patient, load_scorer=lambda: guarded)
    keys = [make_key(database, settings, name) for name in ("mallory", "alice")]
    with ThreadPoolExecutor(MANY) as pool:
        yield Hall(app, open_scene(client, bearer, database), scorer, keys, pool)
        scorer.released.set()


def test_neither_a_reader_nor_another_key_waits_for_the_slow_texts_of_one_key(hall: Hall) -> None:
    mallory, alice = hall.keys
    slow = [hall.begin(partial(hall.analyze, mallory, SLOW)) for _ in range(MANY)]
    for _ in range(2):
        hall.scorer.stuck.acquire()
    assert [hall.analyze(alice, "Good morning.") for _ in range(3)] == [200] * 3
    assert [hall.post(f"Good morning, {number}.") for number in range(3)] == [PUBLISHED] * 3
    assert not any(each.done() for each in slow)
    hall.scorer.released.set()
    assert [each.result() for each in slow] == [200] * MANY


def test_neither_another_reader_nor_a_key_waits_for_the_slow_texts_of_one_account(hall: Hall) -> None:
    slow = [hall.begin(partial(hall.post_own, f"{SLOW} {number}")) for number in range(4)]
    for _ in range(2):
        hall.scorer.stuck.acquire()
    assert [hall.post(f"Good morning, {number}.") for number in range(3)] == [PUBLISHED] * 3
    assert [hall.analyze(key, "Good morning.") for key in hall.keys] == [200, 200]
    assert not any(each.done() for each in slow)
    hall.scorer.released.set()
    assert [each.result() for each in slow] == [201] * 4
