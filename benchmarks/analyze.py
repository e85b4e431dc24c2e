"""Has real comments scored through the Perspective API's place at a steady rate, every attribute at once: 50 requests a
second for 20 seconds on SQLite, then some of the longest text that is taken. Run: python -m benchmarks.analyze

The sender keeps its pace whatever the answers take (an open loop), and an answer's time counts from the moment at which
its request was due.
"""

import random
import sys
import tempfile
from collections.abc import Sequence
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

RATE, SECONDS = 50, 20
WARMING, LONGEST_TEXTS = 100, 20
LONGEST_P99 = 0.100


def main(rate: int = RATE, seconds: int = SECONDS) -> tuple[list[str], list[str]]:
    """Ask, print, and return what is wrong and what is over the bar in seconds, which asks for a quiet machine."""
    texts = [text for _id, text in history.texts()]
    with tempfile.TemporaryDirectory(prefix="btl-analyze-") as name:
        folder = Path(name)
        database = fresh(f"sqlite:///{folder / 'analyze.db'}")
        with serving(database, folder) as server:
            path = f"/v1alpha1/comments:analyze?key={_key(database, server)}"
            complaints = _measure(server, path, texts, rate, seconds)
        database.close()
    return complaints


def _key(database: Database, server: Server) -> str:
    with database.transaction() as session:
        return keys.create(session, server.settings, "benchmark", 10_000, 100_000)


def _measure(server: Server, path: str, texts: Sequence[str], rate: int, seconds: int) -> tuple[list[str], list[str]]:
    draw = random.Random(20261122)
    warming = [_request(path, draw.choice(texts)) for _ in range(WARMING)]
    load(server.port, warming, seconds)
    before = cpu_seconds(server.process.pid)
    done, late = steady(server.port, rate, rate * seconds, lambda: _request(path, draw.choice(texts)).raw())
    cpu = (cpu_seconds(server.process.pid) - before) / len(done.answers)
    longest = "".join(texts)[:MOST_BYTES].encode()[:MOST_BYTES].decode(errors="ignore")
    long, _late = steady(server.port, 2, LONGEST_TEXTS, lambda: _request(path, longest).raw())
    print(
        f"{len(done.answers)} comments at {done.rate:.0f}/s: {_times(done)} (sender {late * 1000:.0f} ms late)\n"
        f"CPU a request {cpu * 1000:.2f} ms; memory of the server {megabytes(server.process.pid):.0f} MB\n"
        f"{LONGEST_TEXTS} texts of {MOST_BYTES} bytes: {_times(long)}"
    )
    other = sum(answer.status != 200 for answer in (*done.answers, *long.answers))
    faults = {f"{other} answers other than 200": other > 0}
    delays = {f"p99 over {LONGEST_P99 * 1000:.0f} ms": done.percentile(0.99) > LONGEST_P99}
    return true_of(faults), true_of(delays)


def _request(path: str, text: str) -> Request:
    asked = {name: dict[str, object]() for name in ATTRIBUTES}
    return Request("POST", path, {}, {"comment": {"text": text}, "requestedAttributes": asked, "languages": ["en"]})


def _times(done: Load) -> str:
    return f"p50 {done.percentile(0.5) * 1000:.1f} ms, p99 {done.percentile(0.99) * 1000:.1f} ms"


if __name__ == "__main__":
    sys.exit("\n".join(chain(*main())) or 0)
