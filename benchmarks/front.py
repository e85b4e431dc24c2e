"""What the front costs: the same requests to `btl serve` and to the same application in granian's own WSGI, in turns.

Run: python -m benchmarks.front

Prints milliseconds of CPU for one request either way, and by how much they differ; the bar is 0.1 ms.
"""

import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from app.gateway import signature
from app.ids import new_id
from app.models import Account, Story
from app.simulator import shapes
from benchmarks import newspaper
from benchmarks.cases import thread
from benchmarks.client import Request, load
from benchmarks.newspaper import some_text
from benchmarks.serving import Server, databases, fresh, serving, some_address
from benchmarks.usage import fine_cpu_seconds
from config.settings import POLICY

PAIRS, REQUESTS = 30, 60
MOST_MORE_MS = 0.1
LONGEST = 60.0

Make = Callable[[Server], Request]


def main() -> list[str]:
    """Measure, print, and return what costs too much."""
    dear = []
    with tempfile.TemporaryDirectory(prefix="btl-front-") as name, ExitStack() as stack:
        folder = Path(name)
        database = fresh(databases(folder, "front")["SQLite"])
        paper = newspaper.publish(database, random.Random(20261129))
        rules = _unhurried(folder)
        ways = {
            "granian's WSGI": stack.enter_context(serving(database, folder, rules, module="benchmarks.wsgi_served")),
            "btl serve": stack.enter_context(serving(database, folder / "front", rules)),
        }
        for what, make, status in _cases(paper.quiet, paper.written, paper.writers):
            more = _compare(what, make, status, ways)
            if more > MOST_MORE_MS:
                dear.append(f"{what}: {more:.2f} ms more")
        database.close()
    return dear


def _unhurried(folder: Path) -> Path:
    """The house rules without a limit on posts."""
    path = folder / "policy.toml"
    path.write_text(re.sub(r"(?m)^posts_per_minute = .*$", "posts_per_minute = 100000", POLICY.read_text()))
    return path


def _cases(quiet: Story, written: Story, writers: list[Account]) -> Iterator[tuple[str, Make, int]]:
    draw = random.Random(20261129)

    def read(_server: Server) -> Request:
        return Request("GET", thread(quiet), {"X-Forwarded-For": some_address(draw)})

    def post(server: Server) -> Request:
        who = {"Authorization": f"Bearer {server.token(writers[new_id() % len(writers)])}"}
        body = {"text": f"{some_text(draw)} {new_id()}", "confirm": True}
        return Request("POST", thread(written), who | {"X-Forwarded-For": some_address(draw)}, body)

    yield "alive", lambda _: Request("GET", "/healthz", {"X-Forwarded-For": some_address(draw)}), 200
    yield "thread", read, 200
    yield "post", post, 201
    yield "webhook", _event, 200


def _event(server: Server) -> Request:
    event = shapes.event("product.updated", {"id": "prod_x", "object": "product"}) | {"id": f"evt_{new_id()}"}
    moment = str(int(time.time()))
    signed = signature.sign(json.dumps(event).encode(), moment, server.settings.stripe_webhook_secrets[0])
    return Request("POST", "/stripe/webhook", {"Stripe-Signature": f"t={moment},v1={signed}"}, event)


def _compare(what: str, make: Make, status: int, ways: dict[str, Server]) -> float:
    """Milliseconds by which one request to the second costs more than to the first: the median of the pairs."""
    costs: dict[str, list[float]] = {way: [] for way in ways}
    for pair in range(PAIRS + 1):
        for way in sorted(ways, reverse=bool(pair % 2)):
            cost = _cost(make, status, ways[way])
            if pair:  # the first one warms
                costs[way].append(cost)
    before, after = costs.values()
    pairs = list(zip(before, after, strict=True))
    low, more, high = statistics.quantiles([after - before for before, after in pairs], n=4)
    ratio = statistics.median(after / before for before, after in pairs)
    print(
        f"{what:9}"
        + "".join(f"{way}: {statistics.median(cost):6.3f} ms   " for way, cost in costs.items())
        + f"{more:+.3f} ms (half of the pairs {low:+.3f} to {high:+.3f}), ratio {ratio:.2f}",
        flush=True,
    )
    return more


def _cost(make: Make, status: int, server: Server) -> float:
    requests = [make(server) for _ in range(REQUESTS)]
    before = fine_cpu_seconds(server.process.pid)
    done = load(server.port, requests, LONGEST)
    spent = fine_cpu_seconds(server.process.pid) - before
    assert {answer.status for answer in done.answers} == {status}, {answer.status for answer in done.answers}
    return 1000 * spent / len(done.answers)


if __name__ == "__main__":
    sys.exit("\n".join(main()) or 0)
