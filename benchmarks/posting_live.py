"""Posts 2,000 real comments over HTTP as subscribers, everything on, and accounts for every answer: what was answered
must be what the database holds. Run: python -m benchmarks.posting_live
"""

import random
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import requests
from sqlalchemy import func, select

from app.db import Database
from app.models import Account, Assessment, Comment, Item, Sanction, Statement, Story
from app.models.comment import HELD, PUBLISHED, WITHHELD
from benchmarks import history
from benchmarks.serving import ORIGIN, Server, databases, fresh, serving, some_address
from tests.support import factories

COMMENTS = 2000
READERS = 300
STORIES = 20
CONNECTIONS = 8
STEP = 8  # every eighth real comment, so that all of the file is seen


@dataclass(frozen=True)
class Answer:
    """What one post was told."""

    status: int
    code: str
    comment_id: str | None
    account_id: int


def main() -> list[str]:
    """Post on both databases, print what was answered, and return where the state does not agree."""
    wrong = []
    texts = [text for _id, text in history.texts()][::STEP][:COMMENTS]
    with tempfile.TemporaryDirectory(prefix="btl-live-") as name:
        folder = Path(name)
        for backend, url in databases(folder, "live").items():
            database = fresh(url)
            with database.transaction() as session:
                readers = [factories.subscriber(session) for _ in range(READERS)]
            with serving(database, folder) as server:
                began = time.perf_counter()
                answers = _post_all(server, readers, texts)
                seconds = time.perf_counter() - began
            disagreements = _disagreements(database, answers)
            _report(backend, answers, seconds, disagreements)
            wrong += disagreements
            database.close()
    return wrong


def _post_all(server: Server, readers: list[Account], texts: list[str]) -> list[Answer]:
    work: SimpleQueue[tuple[int, str]] = SimpleQueue()
    for number, text in enumerate(texts):
        work.put((number, text))
    answers: list[Answer] = []

    def post() -> None:
        with requests.Session() as http:
            while True:
                try:
                    number, text = work.get_nowait()
                except Empty:
                    return
                answers.append(_post(http, server, readers[number % READERS], number, text))

    threads = [threading.Thread(target=post) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _post(http: requests.Session, server: Server, reader: Account, number: int, text: str) -> Answer:
    draw = random.Random(reader.id)
    key = f"story-{number % STORIES}"
    headers = {"Authorization": f"Bearer {server.token(reader)}", "X-Forwarded-For": some_address(draw)}
    body = {"text": text, "url": f"{ORIGIN}/{key}", "title": key}
    reply = http.post(f"{server.address}/api/v1/stories/{key}/comments", json=body, headers=headers, timeout=30)
    if reply.status_code == 409 and reply.json()["code"] == "nudge":  # every author says: post anyway
        again = body | {"confirm": True}
        reply = http.post(f"{server.address}/api/v1/stories/{key}/comments", json=again, headers=headers, timeout=30)
    found: dict[str, Any] = reply.json()
    if reply.status_code == 201:
        return Answer(201, found["state"], found["id"], reader.id)
    return Answer(reply.status_code, found["code"], None, reader.id)


def _report(backend: str, answers: list[Answer], seconds: float, disagreements: list[str]) -> None:
    print(f"{backend}: {len(answers)} answers in {seconds:.1f} s ({len(answers) / seconds:.0f}/s)")
    for (status, code), number in sorted(Counter((a.status, a.code) for a in answers).items()):
        print(f"  {number:>6} {status} {code}")
    print(f"  state: {'; '.join(disagreements) or 'agrees with every answer'}")


def _disagreements(database: Database, answers: list[Answer]) -> list[str]:
    """Where the database and the answers differ."""
    told = {int(a.comment_id): a.code for a in answers if a.comment_id}
    with database.reading() as session:
        held = {row.id: row.state for row in session.execute(select(Comment.id, Comment.state))}
        waiting = {id_ for id_, state in held.items() if state in (HELD, WITHHELD)}
        asked = set(session.scalars(select(Item.subject_id).where(Item.kind == "comment", Item.state == "open")))
        suspended = set(session.scalars(select(Sanction.account_id)))
        severe = set(session.scalars(select(Comment.account_id).where(Comment.state == WITHHELD)))
        checks = {
            "comments": held == told,
            "items": asked == waiting,
            "assessments": session.scalar(select(func.count()).select_from(Assessment)) == len(held),
            "story counts": session.scalar(select(func.sum(Story.comment_count)))
            == sum(state == PUBLISHED for state in held.values()),
            "suspensions": suspended == severe,
            "statements": (session.scalar(select(func.count()).select_from(Statement)) or 0) >= len(severe),
            "refused after a sanction": {a.account_id for a in answers if a.code == "suspended"} <= suspended,
            "no accident": all(a.status < 500 for a in answers),
        }
    return [f"{name} differ" for name, agrees in checks.items() if not agrees]


if __name__ == "__main__":
    main()
