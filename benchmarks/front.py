"""What the front costs: the same requests to `btl serve` and to the same application in granian's own WSGI, in turns.

Run: python -m benchmarks.front [CHECKOUT]

With another checkout of the project it is its application that granian serves: what a request cost there without the
front, before whatever has changed since.

Two processes of the same program differ by more than the bar, since each lies otherwise in memory: so both are started
STARTS times, and a start counts once. Prints milliseconds of CPU and switches of threads for one request either way,
and by how many milliseconds they differ (the median of the starts, and between what it surely lies); the bar is 0.1 ms
for all but /healthz, which does nothing else. A machine that has other work makes all of it dearer.
"""

import json
import math
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
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
from tests.support.repository import REPOSITORY

STARTS, ROUNDS, REQUESTS, WARMING = 15, 10, 24, 3
# one after the other, and as many at a time as there are threads for readers
AT_ONCE = 1, 8
MOST_MORE_MS = 0.1
ALIVE = "alive"
LONGEST = 60.0


@dataclass(frozen=True)
class Cost:
    """Of one request: milliseconds of CPU, and how often a thread of the server was switched."""

    ms: float
    switches: float


Make = Callable[[Server, random.Random], Request]
# by case: what each start cost either way
Costs = dict[str, list[tuple[Cost, Cost]]]


def main(checkout: Path) -> list[str]:
    """Measure, print, and return what costs too much. Without the front, `checkout` is served."""
    costs: Costs = {}
    with tempfile.TemporaryDirectory(prefix="btl-front-") as name:
        folder = Path(name)
        database = fresh(databases(folder, "front")["SQLite"])
        paper = newspaper.publish(database, random.Random(20261129))
        rules = _unhurried(folder)
        for start in range(STARTS):
            with (
                serving(
                    database, folder / f"{start}w", rules, module="benchmarks.wsgi_served", checkout=checkout
                ) as plain,
                serving(database, folder / f"{start}f", rules) as fronted,
            ):
                for case, cost in _cases(paper):
                    before, after = _costs(cost, (plain, fronted))
                    costs.setdefault(case, []).append((before, after))
            print(f"{start + 1} of {STARTS} starts", file=sys.stderr)
        database.close()
    return [
        f"{what}: at least {low:.3f} ms more"
        for what, low in _told(costs)
        if low > MOST_MORE_MS and not what.startswith(ALIVE)
    ]


def _unhurried(folder: Path) -> Path:
    """The house rules without a limit on posts."""
    path = folder / "policy.toml"
    path.write_text(re.sub(r"(?m)^(posts_per_(?:minute|day)) = .*$", r"\1 = 100000", POLICY.read_text()))
    return path


def _cases(paper: newspaper.Newspaper) -> Iterator[tuple[str, Callable[[Server, int], Cost]]]:
    for what, make, status in _requests(paper):
        for at_once in AT_ONCE:
            yield f"{what}, {at_once} at once", partial(_cost, make, status, at_once)


def _requests(paper: newspaper.Newspaper) -> Iterator[tuple[str, Make, int]]:
    def alive(_server: Server, draw: random.Random) -> Request:
        return Request("GET", "/healthz", {"X-Forwarded-For": some_address(draw)})

    def read(_server: Server, draw: random.Random) -> Request:
        return Request("GET", thread(paper.quiet), {"X-Forwarded-For": some_address(draw)})

    def post(server: Server, draw: random.Random) -> Request:
        who = {"Authorization": f"Bearer {server.token(draw.choice(paper.writers))}"}
        body = {"text": f"{some_text(draw)} {new_id()}", "confirm": True}
        return Request("POST", thread(paper.written), who | {"X-Forwarded-For": some_address(draw)}, body)

    yield ALIVE, alive, 200
    yield "thread", read, 200
    yield "post", post, 201
    yield "webhook", _event, 200


def _event(server: Server, _draw: random.Random) -> Request:
    event = shapes.event("product.updated", {"id": "prod_x", "object": "product"}) | {"id": f"evt_{new_id()}"}
    moment = str(int(time.time()))
    signed = signature.sign(json.dumps(event).encode(), moment, server.settings.stripe_webhook_secrets[0])
    return Request("POST", "/stripe/webhook", {"Stripe-Signature": f"t={moment},v1={signed}"}, event)


def _costs(cost: Callable[[Server, int], Cost], ways: tuple[Server, Server]) -> tuple[Cost, Cost]:
    """What one request to each costs. In each round both are asked the same, in turns, so that whatever else the
    machine does counts for both.
    """
    costs: tuple[list[Cost], list[Cost]] = ([], [])
    for number in range(WARMING + ROUNDS):
        for way in (0, 1) if number % 2 else (1, 0):
            costs[way].append(cost(ways[way], number))
    return _middle(costs[0][WARMING:]), _middle(costs[1][WARMING:])


def _middle(costs: Sequence[Cost]) -> Cost:
    return Cost(statistics.median(each.ms for each in costs), statistics.median(each.switches for each in costs))


def _told(costs: Costs) -> Iterator[tuple[str, float]]:
    """Print all, and tell by how many milliseconds each case surely costs more behind the front."""
    for what, starts in costs.items():
        differences = sorted(after.ms - before.ms for before, after in starts)
        low, high = _between(differences)
        told = "   ".join(
            f"{way}: {_middle(each).ms:6.3f} ms, {_middle(each).switches:4.1f} switches"
            for way, each in zip(("granian's WSGI", "btl serve"), zip(*starts, strict=True), strict=True)
        )
        print(f"{what:20} {told}   {statistics.median(differences):+.3f} ms ({low:+.3f} to {high:+.3f})", flush=True)
        yield what, low


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
    sys.exit("\n".join(main(Path(sys.argv[1]) if sys.argv[1:] else REPOSITORY)) or 0)
