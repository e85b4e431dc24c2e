"""Attacks a newspaper for 60 seconds, on both databases: ten accounts that may not write (banned, unverified, lapsed)
post the slowest legal texts at full speed, and one key has them scored by the Perspective API's place.

Meanwhile paying readers post and an honest key asks, at a pace of their own whatever the answers take (an open loop).
Each text of theirs must be scored; how fast, and what the hostile were told, is printed.
Run: python -m benchmarks.hostile
"""

import random
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from sqlalchemy import select

from app.models import Account, Assessment, Comment, Site, Story
from app.models.sanction import BAN
from app.perspective import keys
from app.perspective.texts import MOST_BYTES
from benchmarks.cases import thread
from benchmarks.client import Connection, Load, Request, steady
from benchmarks.complaints import true_of
from benchmarks.newspaper import some_text
from benchmarks.serving import Server, databases, fresh, serving, some_address
from benchmarks.usage import cpu_seconds
from tests.support import factories
from tests.support.slow_texts import KINDS

SECONDS = 60
EACH_SECOND = 4  # posts of the readers, and as many questions of the honest key
READERS = 120  # so that none of them posts more often than a minute allows
HOSTILE_CALLERS = 4
COMMENT_CHARACTERS = 5_000
SQLITE, POSTGRES = "SQLite", "PostgreSQL"

Make = Callable[[], bytes]


@dataclass(frozen=True)
class People:
    """Who posts under the story."""

    story: Story
    readers: list[Account]
    hostile: list[Account]


def main(seconds: int = SECONDS, backends: tuple[str, ...] = (SQLITE, POSTGRES)) -> list[str]:
    """Attack, print, and return what is wrong."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="btl-hostile-") as name:
        folder = Path(name)
        urls = {SQLITE: f"sqlite:///{folder / 'hostile.db'}"} if backends == (SQLITE,) else databases(folder, "hostile")
        for backend in backends:
            database = fresh(urls[backend])
            with serving(database, folder) as server:
                wrong += [f"{backend}: {complaint}" for complaint in _attack(server, backend, seconds)]
            database.close()
    return wrong


def _attack(server: Server, backend: str, seconds: int) -> list[str]:
    people, draw = _people(server), random.Random(20261129)
    slow = [_post(server, people.story, [each], _slow(COMMENT_CHARACTERS), draw) for each in people.hostile]
    slow += [_question(_key(server, "mallory"), _slow(MOST_BYTES))] * HOSTILE_CALLERS
    calm = iter([f"{some_text(draw)} {number}" for number in range(2 * EACH_SECOND * seconds)])
    makes = {
        "paying readers": _post(server, people.story, people.readers, calm, draw),
        "honest key": _question(_key(server, "alice"), calm),
    }
    before = cpu_seconds(server.process.pid)
    number = EACH_SECOND * seconds
    with _at_full_speed(server.port, slow) as told, ThreadPoolExecutor() as pool:
        asked = {who: pool.submit(steady, server.port, EACH_SECOND, number, make) for who, make in makes.items()}
        done = {who: each.result()[0] for who, each in asked.items()}
    unscored = _unscored(server, people.readers)
    print(f"{backend}: {seconds} s, {(cpu_seconds(server.process.pid) - before) / seconds:.2f} cores", flush=True)
    for who, load in done.items():
        print(f"  {who}: {_statuses(load)}, p50 {_ms(load, 0.5)}, p99 {_ms(load, 0.99)}, slowest {_ms(load, 1.0)}")
    print(f"  the hostile: {dict(told)}\n  readers' comments that no score was had for: {len(unscored)}", flush=True)
    return true_of(
        {
            f"no score for {len(unscored)} comments of readers: {dict(Counter(unscored))}": bool(unscored),
            f"readers were answered {_statuses(done['paying readers'])}": {*_statuses(done["paying readers"])} != {201},
            f"the honest key was answered {_statuses(done['honest key'])}": {*_statuses(done["honest key"])} != {200},
            f"the hostile were told {dict(told)}": not {402, 403} <= {*told} or not {201, 500}.isdisjoint(told),
        }
    )


def _people(server: Server) -> People:
    """Four are banned although they pay, three are unverified and three have stopped paying."""
    with server.database.transaction() as session:
        site = session.scalars(select(Site)).one()
        readers = [factories.subscriber(session) for _ in range(READERS)]
        banned = [factories.subscriber(session) for _ in range(4)]
        for each in banned:
            factories.sanction(session, each, BAN, at=site)
        unverified = [factories.account(session, verified=False) for _ in range(3)]
        lapsed = [factories.subscriber(session, status="canceled") for _ in range(3)]
        return People(factories.story(session, site), readers, [*banned, *unverified, *lapsed])


def _key(server: Server, name: str) -> str:
    with server.database.transaction() as session:
        return keys.create(session, server.settings, name, 1_000, 60_000)


def _slow(length: int) -> Iterator[str]:
    """The slowest texts of so many characters, again and again; made before anybody waits for them."""
    return cycle([make(length) for make in KINDS.values()])


def _post(server: Server, story: Story, writers: list[Account], texts: Iterator[str], draw: random.Random) -> Make:
    """Posts by the writers in turn, each from somewhere else."""
    tokens = cycle([server.token(each) for each in writers])

    def make() -> bytes:
        headers = {"Authorization": f"Bearer {next(tokens)}", "X-Forwarded-For": some_address(draw)}
        return Request("POST", thread(story), headers, {"text": next(texts), "confirm": True}).raw()

    return make


def _question(key: str, texts: Iterator[str]) -> Make:
    """Questions of a program, of a text as long as it may ask about."""
    path = f"/v1alpha1/comments:analyze?key={key}"

    def make() -> bytes:
        text = next(texts).encode()[:MOST_BYTES].decode(errors="ignore")
        return Request("POST", path, {}, {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}}).raw()

    return make


@contextmanager
def _at_full_speed(port: int, makes: list[Make]) -> Iterator[Counter[int]]:
    """Send what each makes for as long as the block lasts, one after another; how often which status came back."""
    over, told = threading.Event(), Counter[int]()

    def send(make: Make) -> None:
        connection = Connection(port)
        while not over.is_set():
            told[connection.ask(make()).status] += 1
        connection.close()

    threads = [threading.Thread(target=send, args=(make,)) for make in makes]
    for each in threads:
        each.start()
    try:
        yield told
    finally:
        over.set()
        for each in threads:
            each.join()


def _unscored(server: Server, readers: list[Account]) -> list[str]:
    """Why each comment of the readers that has no score has none."""
    theirs = select(Assessment.signals).join(Comment).where(Comment.account_id.in_([each.id for each in readers]))
    with server.database.reading() as session:
        return [signals["unscored"] for signals in session.scalars(theirs) if "unscored" in signals]


def _statuses(load: Load) -> dict[int, int]:
    return dict(Counter(answer.status for answer in load.answers))


def _ms(load: Load, share: float) -> str:
    return f"{1000 * load.percentile(share):.0f} ms"


if __name__ == "__main__":
    sys.exit("\n".join(main()) or 0)
