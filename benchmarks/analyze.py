"""Has real comments scored through the Perspective API's place at a steady rate, every attribute at once: 50 requests a
second for 20 seconds on SQLite, and for 10 while another key sends texts of 5,000 characters, the longest that are
taken, or batches. Run: python -m benchmarks.analyze

The sender keeps its pace whatever the answers take (an open loop), and an answer's time counts from the moment at which
its request was due.
"""

import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from app.db import Database
from app.perspective import keys
from app.perspective.attributes import ATTRIBUTES
from app.perspective.texts import MOST_BYTES
from benchmarks import history
from benchmarks.client import Load, Request, load, steady
from benchmarks.complaints import true_of
from benchmarks.serving import Server, fresh, serving
from benchmarks.usage import cpu_seconds, megabytes
from tests.support.perspective import ANALYZE, BATCH, call

RATE, SECONDS = 50, 20
WARMING = 100
LONGEST_P99 = 0.100
BESIDE_SECONDS = 10
LONG_CHARACTERS = 5000
CALLS = 100
# what a scored comment is answered at least; an error is shorter
LEAST_BYTES = 500


@dataclass(frozen=True)
class Program:
    """What asks, with a key of its own and comments of one newspaper."""

    key: str
    texts: Sequence[str]
    draw: random.Random

    def comment(self) -> Request:
        """A request for the scores of some comment."""
        return self.text(self.draw.choice(self.texts))

    def text(self, text: str) -> Request:
        """A request for the scores of a text."""
        return Request("POST", f"{ANALYZE}?key={self.key}", {}, _asked(text))

    def batch(self) -> bytes:
        """A batch of requests for the scores of some comments."""
        calls = [call(self.key, _asked(self.draw.choice(self.texts))) for _ in range(CALLS)]
        body = b"".join([b"--=_b_=\r\n" + each + b"\r\n" for each in calls]) + b"--=_b_=--"
        kind = 'Content-Type: multipart/mixed; boundary="=_b_="'
        head = f"POST {BATCH} HTTP/1.1\r\nHost: localhost\r\n{kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body


def main(rate: int = RATE, seconds: int = SECONDS) -> tuple[list[str], list[str]]:
    """Ask, print, and return what is wrong and what is over the bar in seconds, which asks for a quiet machine."""
    texts, draw = [text for _id, text in history.texts()], random.Random(20261122)
    with tempfile.TemporaryDirectory(prefix="btl-analyze-") as name:
        folder = Path(name)
        database = fresh(f"sqlite:///{folder / 'analyze.db'}")
        with serving(database, folder) as server:
            site, other = (Program(_key(database, server, name), texts, draw) for name in ("site", "other"))
            wrong, slow = _alone(server, site, rate, seconds)
            wrong += _beside(server, site, other, rate)
        database.close()
    return wrong, slow


def _key(database: Database, server: Server, name: str) -> str:
    with database.transaction() as session:
        return keys.create(session, server.settings, name, 10_000, 100_000)


def _alone(server: Server, site: Program, rate: int, seconds: int) -> tuple[list[str], list[str]]:
    load(server.port, [site.comment() for _ in range(WARMING)], seconds)
    before = cpu_seconds(server.process.pid)
    done, late = steady(server.port, rate, rate * seconds, lambda: site.comment().raw())
    cpu = (cpu_seconds(server.process.pid) - before) / len(done.answers)
    print(
        f"{len(done.answers)} comments at {done.rate:.0f}/s: {_times(done)} (sender {late * 1000:.0f} ms late)\n"
        f"CPU a request {cpu * 1000:.2f} ms; memory of the server {megabytes(server.process.pid):.0f} MB"
    )
    delays = {f"p99 over {LONGEST_P99 * 1000:.0f} ms": done.percentile(0.99) > LONGEST_P99}
    return _faults("alone", done), true_of(delays)


def _beside(server: Server, site: Program, other: Program, rate: int) -> list[str]:
    """The comments while another key asks for something that takes long. What is wrong."""
    everything = "".join(other.texts)
    long = everything[:LONG_CHARACTERS]
    longest = everything[:MOST_BYTES].encode()[:MOST_BYTES].decode(errors="ignore")
    wrong = []
    for what, a_second, make, least in (
        (f"texts of {LONG_CHARACTERS} characters", 2.0, lambda: other.text(long).raw(), LEAST_BYTES),
        (f"texts of {MOST_BYTES} bytes", 1.0, lambda: other.text(longest).raw(), LEAST_BYTES),
        (f"batches of {CALLS} comments", 0.5, other.batch, LEAST_BYTES * CALLS),
    ):
        comments, slower = _both(server, site, rate, a_second, make)
        print(f"beside {len(slower.answers)} {what} ({_times(slower)}): comments {_times(comments)}")
        wrong += _faults(f"beside {what}", comments) + _faults(what, slower, least)
    return wrong


def _both(server: Server, site: Program, rate: int, a_second: float, make: Callable[[], bytes]) -> tuple[Load, Load]:
    """Comments at `rate`, and what `make` makes at another one."""
    with ThreadPoolExecutor() as pool:
        slower = pool.submit(steady, server.port, a_second, round(a_second * BESIDE_SECONDS), make)
        comments, _late = steady(server.port, rate, rate * BESIDE_SECONDS, lambda: site.comment().raw())
        return comments, slower.result()[0]


def _faults(what: str, done: Load, least: int = LEAST_BYTES) -> list[str]:
    others = sum(answer.status != 200 or answer.size < least for answer in done.answers)
    return true_of({f"{what}: {others} answers without scores": others > 0})


def _asked(text: str) -> dict[str, object]:
    asked = {name: dict[str, object]() for name in ATTRIBUTES}
    return {"comment": {"text": text}, "requestedAttributes": asked, "languages": ["en"]}


def _times(done: Load) -> str:
    return f"p50 {done.percentile(0.5) * 1000:.1f} ms, p99 {done.percentile(0.99) * 1000:.1f} ms"


if __name__ == "__main__":
    sys.exit("\n".join(chain(*main())) or 0)
