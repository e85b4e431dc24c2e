"""How well common ground is found where it is known, and what it costs among 1.5 million votes.

Run from the repository's root: python -m benchmarks.common_ground. First, over SEEDS newspapers with planted camps, the
mean rank correlation of what each way of ranking says of comments with what both camps see in them. Then, on each
database and in a process of its own on one core, seconds (also of CPU, which say more where others work) and memory.
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app import clock
from app.common_ground import ballot, model, scores, support
from app.db import Database
from app.ids import new_id
from app.models import Account, Reaction, Site
from app.models.reaction import DISAGREEMENT, RESPECT
from benchmarks.serving import databases, fresh
from tests.support import camps, factories
from tests.support.camps import Camps
from tests.support.conversations import Sketch, plant

T = TypeVar("T")
SEEDS = 20
EACH_SIDE = 5
MANY = {"votes": 1_500_000, "readers": 40_000, "comments": 150_000}
# what is varied of the newspapers
PAPERS: dict[str, dict[str, float]] = {
    "two camps alike": {"share": 0.5},
    "60 and 40 of 100": {"share": 0.6},
    "80 and 20 of 100": {"share": 0.8},
    "far apart": {"apart": 3.0},
    "a little apart": {"apart": 1.0},
    "few votes": {"votes": 8_000},
}


def main() -> None:
    """Print both."""
    print(f"{'':22}{'common ground':>15}{'Wilson':>15}{'net':>15}{'found of 400':>15}")
    for name, paper in PAPERS.items():
        print(f"{name:22}" + "".join(f"{figure:>15.2f}" for figure in _correlations(paper)), flush=True)
    subprocess.run([sys.executable, "-m", "benchmarks.common_ground", "many"], check=True)


def _correlations(paper: dict[str, float]) -> list[float]:
    found = []
    for seed in range(SEEDS):
        planted = camps.divided(seed, **paper)  # type: ignore[arg-type]
        enough = planted.enough
        ways = (model.fit(planted.votes).comments.intercepts, camps.wilson(planted.votes), camps.net(planted.votes))
        ranked = [camps.rank_correlation(way[enough], planted.quality[enough]) for way in ways]
        found.append([*ranked, float((support.scores(planted.votes, EACH_SIDE) > 0).sum())])
    return [float(figure) for figure in np.mean(found, axis=0)]


def many() -> None:
    """What MANY cost, on each database."""
    planted = camps.divided(1, **MANY)
    with tempfile.TemporaryDirectory(prefix="btl-bench-") as name:
        for backend, url in databases(Path(name), "ground").items():
            database = fresh(url)
            with database.transaction() as session:
                _cast(session, planted)
            database.close()
            print(f"{len(planted.votes.respect):,} votes, {backend}:", flush=True)
            subprocess.run([sys.executable, "-m", "benchmarks.common_ground", url], check=True)


def _cast(session: Session, planted: Camps) -> None:
    """The rows of those votes, and of readers and comments as far as they matter."""
    story = factories.story(session, session.scalars(select(Site)).one())
    author, now = factories.account(session), clock.now()
    readers = [new_id() for _ in range(planted.votes.readers)]
    named = {"name": "", "session_epoch": 0, "language": "en", "state": "active", "origin": "site", "created_at": now}
    rows = [{"id": each, "name_skeleton": str(each), "reactions_left_out": False, **named} for each in readers]
    session.execute(insert(Account), rows)
    comments = plant(session, story, [author], [Sketch()] * planted.votes.comments, began=now - timedelta(days=30))
    votes = zip(planted.votes.comment.tolist(), planted.votes.reader.tolist(), planted.votes.respect, strict=True)
    while batch := list(islice(votes, 50_000)):
        rows = [
            {
                "comment_id": comments[comment].id,
                "account_id": readers[reader],
                "kind": RESPECT if respect else DISAGREEMENT,
                "story_id": story.id,
                "created_at": now,
            }
            for comment, reader, respect in batch
        ]
        session.execute(insert(Reaction), rows)


def measure(url: str) -> None:
    """In a process of its own: what it takes to find common ground in that database, and to write it the first time."""
    database, before = Database(url), _peak()
    with database.reading() as session:
        site_id = session.scalars(select(Site.id)).one()
    found = _timed("votes read", lambda: ballot.of_site(database, site_id, since=0))
    scored = _timed("explained, and what both sides support found", lambda: support.scores(found.votes, EACH_SIDE))
    print(f"  {_peak():.0f} MB at most, of which {before:.0f} MB for the program")
    kept = {comment: score for comment, score in zip(found.comment_ids.tolist(), scored.tolist(), strict=True) if score}
    _timed(f"{len(kept):,} scores written", lambda: scores.keep(database, site_id, kept, since=0))


def _timed(what: str, act: Callable[[], T]) -> T:
    since, cpu_since = time.perf_counter(), time.process_time()
    done = act()
    print(f"  {time.perf_counter() - since:.1f} s ({time.process_time() - cpu_since:.1f} of CPU): {what}", flush=True)
    return done


def _peak() -> float:
    """Megabytes of memory at most. What resource.getrusage says would begin with what the parent had."""
    return int(re.findall(r"^VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(), re.MULTILINE)[0]) / 1024


if __name__ == "__main__":
    if "many" in sys.argv:
        many()
    elif len(sys.argv) > 1:
        measure(sys.argv[1])
    else:
        main()
