"""What the front costs: the same requests to `btl serve` and to the same application in granian's own WSGI, in turns.

Run: python -m benchmarks.front

Prints milliseconds of CPU and switches of threads for one request either way, and by how many milliseconds they differ
(the median, and between what it surely lies); the bar is 0.1 ms. A machine that has other work makes all of it dearer.
"""

import json
import math
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.gateway import signature
from app.ids import new_id
from app.simulator import shapes
from benchmarks import newspaper
from benchmarks.cases import thread
from benchmarks.client import Connection, Request, ask_all
from benchmarks.newspaper import some_text
from benchmarks.serving import Server, databases, fresh, serving, some_address
from benchmarks.usage import cpu_seconds, switches
from config.settings import POLICY

ROUNDS, REQUESTS, WARMING = 60, 24, 3
# one after the other, and as many at a time as there are threads for readers
AT_ONCE = 1, 8
MOST_MORE_MS = 0.1
LONGEST = 60.0


@dataclass(frozen=True)
class Cost:
    """Of one request: milliseconds of CPU, and how often a thread of the server was switched."""

    ms: float
    switches: float


Make = Callable[[Server, random.Random], Request]


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
        for what, make, status in _cases(paper):
            for at_once in AT_ONCE:
                more = _compare(f"{what}, {at_once} at once", partial(_cost, make, status, at_once), ways)
                if more > MOST_MORE_MS:
                    dear.append(f"{what}, {at_once} at once: at least {more:.3f} ms more")
        database.close()
    return dear


def _unhurried(folder: Path) -> Path:
    """The house rules without a limit on posts."""
    path = folder / "policy.toml"
    path.write_text(re.sub(r"(?m)^posts_per_minute = .*$", "posts_per_minute = 100000", POLICY.read_text()))
    return path


def _cases(paper: newspaper.Newspaper) -> Iterator[tuple[str, Make, int]]:
    def alive(_server: Server, draw: random.Random) -> Request:
        return Request("GET", "/healthz", {"X-Forwarded-For": some_address(draw)})

    def read(_server: Server, draw: random.Random) -> Request:
        return Request("GET", thread(paper.quiet), {"X-Forwarded-For": some_address(draw)})

    def post(server: Server, draw: random.Random) -> Request:
        who = {"Authorization": f"Bearer {server.token(draw.choice(paper.writers))}"}
        body = {"text": f"{some_text(draw)} {new_id()}", "confirm": True}
        return Request("POST", thread(paper.written), who | {"X-Forwarded-For": some_address(draw)}, body)

    yield "alive", alive, 200
    yield "thread", read, 200
    yield "post", post, 201
    yield "webhook", _event, 200


def _event(server: Server, _draw: random.Random) -> Request:
    event = shapes.event("product.updated", {"id": "prod_x", "object": "product"}) | {"id": f"evt_{new_id()}"}
    moment = str(int(time.time()))
    signed = signature.sign(json.dumps(event).encode(), moment, server.settings.stripe_webhook_secrets[0])
    return Request("POST", "/stripe/webhook", {"Stripe-Signature": f"t={moment},v1={signed}"}, event)


def _compare(what: str, cost: Callable[[Server, int], Cost], ways: dict[str, Server]) -> float:
    """Milliseconds by which one request to the second way surely costs more than to the first.

    In each round both are asked the same, in turns, so that whatever else the machine does counts for both.
    """
    costs: dict[str, list[Cost]] = {way: [] for way in ways}
    for number in range(WARMING + ROUNDS):
        for way in sorted(ways, reverse=bool(number % 2)):
            costs[way].append(cost(ways[way], number))
    before, after = (each[WARMING:] for each in costs.values())
    differences = sorted(after.ms - before.ms for before, after in zip(before, after, strict=True))
    low, high = _between(differences)
    told = "   ".join(
        f"{way}: {statistics.median(each.ms for each in costs[way]):6.3f} ms, "
        f"{statistics.median(each.switches for each in costs[way]):4.1f} switches"
        for way in ways
    )
    print(f"{what:20} {told}   {statistics.median(differences):+.3f} ms ({low:+.3f} to {high:+.3f})", flush=True)
    return low


def _between(ordered: list[float]) -> tuple[float, float]:
    """Between what the median lies in 95 of 100 cases, by its place in the order."""
    half = 0.98 * math.sqrt(len(ordered))
    middle = len(ordered) / 2
    return ordered[int(middle - half)], ordered[math.ceil(middle + half) - 1]


def _cost(make: Make, status: int, at_once: int, server: Server, number: int) -> Cost:
    draw = random.Random(number)
    requests = [make(server, draw).raw() for _ in range(REQUESTS)]
    connections = [Connection(server.port) for _ in range(at_once)]
    pid = server.process.pid
    cpu, switched = cpu_seconds(pid), switches(pid)
    answers = ask_all(connections, requests, LONGEST)
    cpu, switched = cpu_seconds(pid) - cpu, switches(pid) - switched
    for connection in connections:
        connection.close()
    assert {answer.status for answer in answers} == {status}, {answer.status for answer in answers}
    return Cost(1000 * cpu / len(answers), switched / len(answers))


if __name__ == "__main__":
    sys.exit("\n".join(main()) or 0)
