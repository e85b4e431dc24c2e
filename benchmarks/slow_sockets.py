"""How fast others are answered while 200 slow sockets are there for a minute, on both databases.

Half-sent heads, half-sent bodies and slow readers of a large answer; each comes again as soon as it has been dropped.

Run: python -m benchmarks.slow_sockets
"""

import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

from benchmarks import newspaper
from benchmarks.cases import thread
from benchmarks.client import Answer, Connection, Request
from benchmarks.newspaper import Newspaper, some_text
from benchmarks.serving import Server, databases, fresh, serving, some_address
from tests.support.raw_http import connected, half_sent, is_open, request

SLOW, SECONDS = 200, 60
EACH_SECONDS = 0.5
GOAL_SECONDS = 1.0
ATTACKER = "X-Forwarded-For: 198.51.100.66"


def main() -> list[str]:
    """Measure on both databases, print, and return what took longer than the goal."""
    slow = []
    with tempfile.TemporaryDirectory(prefix="btl-slow-") as name:
        folder = Path(name)
        for backend, url in databases(folder, "slow").items():
            database = fresh(url)
            paper = newspaper.publish(database, random.Random(20261129))
            with serving(database, folder) as server, _attack(server.port, paper) as dropped:
                answers = _ask(server, paper)
            for what, found in answers.items():
                seconds = sorted(answer.seconds for answer in found)
                wrong = sum(answer.status not in (200, 201) for answer in found)
                print(
                    f"{backend:11}{what:8}{len(found)} answers, {wrong} wrong, half within "
                    f"{1000 * seconds[len(seconds) // 2]:.0f} ms, the slowest {1000 * seconds[-1]:.0f} ms",
                    flush=True,
                )
                if wrong or seconds[-1] > GOAL_SECONDS:
                    slow.append(f"{backend}, {what}: {wrong} wrong, the slowest {seconds[-1]:.2f} s")
            print(f"{backend:11}{SLOW} slow sockets all the time; {len(dropped)} were dropped and came again")
            database.close()
    return slow


@contextmanager
def _attack(port: int, paper: Newspaper) -> Iterator[list[int]]:
    """SLOW sockets for as long as the block lasts; a note of each that was dropped."""
    page = f"{thread(paper.hot)}?limit=50"
    kinds: list[Callable[[], socket]] = [
        lambda: connected(port, request("GET", "/")[:-2]),
        lambda: connected(port, half_sent("/stripe/webhook", ATTACKER)),
        lambda: connected(port, half_sent(thread(paper.written), ATTACKER)),
        lambda: connected(port, request("GET", page, ATTACKER), buffer=2048),
    ]
    there = [(kind, kind()) for number in range(SLOW) for kind in [kinds[number % len(kinds)]]]
    dropped: list[int] = []
    over = threading.Event()

    def keep_up() -> None:
        while not over.wait(0.2):
            for number, (kind, each) in enumerate(there):
                if kind is not kinds[3] and not is_open(each):
                    each.close()
                    there[number] = kind, kind()
                    dropped.append(number)

    keeper = threading.Thread(target=keep_up)
    keeper.start()
    try:
        yield dropped
    finally:
        over.set()
        keeper.join()
        for _, each in there:
            each.close()


def _ask(server: Server, paper: Newspaper) -> dict[str, list[Answer]]:
    draw = random.Random(20261129)
    answers: dict[str, list[Answer]] = {"health": [], "page": [], "post": []}
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        who = {"Authorization": f"Bearer {server.token(draw.choice(paper.writers))}"}
        body = {"text": some_text(draw), "confirm": True}
        for what, asked in (
            ("health", Request("GET", "/healthz", {})),
            ("page", Request("GET", f"/stories/{paper.hot.id}", {"X-Forwarded-For": some_address(draw)})),
            ("post", Request("POST", thread(paper.written), who | {"X-Forwarded-For": some_address(draw)}, body)),
        ):
            connection = Connection(server.port)
            answers[what].append(connection.ask(asked.raw()))
            connection.close()
        time.sleep(EACH_SECONDS)
    return answers


if __name__ == "__main__":
    sys.exit("\n".join(main()) or 0)
