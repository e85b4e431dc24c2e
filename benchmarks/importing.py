"""Imports the made history (benchmarks.history) on SQLite and PostgreSQL, killing the import as it goes, and checks
what came out of it against a recount. Run: python -m benchmarks.importing
"""

import csv
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.db import Database
from app.models import Comment, ImportedRow, Item, Story
from app.models.comment import HELD, PUBLISHED, WITHHELD
from benchmarks import history
from benchmarks.serving import databases, fresh

KILLS = 4
LEAST_TAKEN = 0.99


def main() -> list[str]:
    """Import on both databases, print what it took, and return what a recount finds wrong."""
    wrong = []
    with tempfile.TemporaryDirectory(prefix="btl-import-") as name:
        folder = Path(name)
        file = folder / "history.csv"
        number = history.write(file)
        print(f"{number} rows")
        for backend, url in databases(folder, "whole").items():
            wrong += _report(backend, url, file, number)
        for backend, url in databases(folder, "killed").items():
            wrong += _kill_and_go_on(backend, url, file, number)
    return wrong


def _report(backend: str, url: str, file: Path, number: int) -> list[str]:
    database = fresh(url)
    seconds, refusals = _import(url, file)
    complaints = _complaints(database)
    states, unseen = _shares(database)
    taken = sum(states.values())
    print(
        f"{backend:<11} {seconds:6.1f} s  {number / seconds:6.0f} rows/s  taken {taken} ({taken / number:.2%})  "
        f"refused {sum(refusals.values())} {dict(refusals)}\n"
        f"{'':<11} held or withheld {_share(states):.1%}; of the rows never trained on {_share(unseen):.1%} "
        f"of {sum(unseen.values())}; recount and queue: {complaints or 'right'}"
    )
    database.close()
    return complaints if taken >= number * LEAST_TAKEN else [*complaints, f"only {taken} of {number} taken"]


def _kill_and_go_on(backend: str, url: str, file: Path, number: int) -> list[str]:
    database = fresh(url)
    draw = random.Random(7)
    for _ in range(KILLS):
        process = _start(url, file, Path(os.devnull))
        time.sleep(draw.uniform(2, 7))
        process.send_signal(signal.SIGKILL)
        process.wait()
    _import(url, file)
    with database.reading() as session:
        taken = session.scalar(select(func.count()).select_from(Comment)) or 0
    complaints = _complaints(database)
    print(f"{backend:<11} killed {KILLS} times: {taken} comments; recount: {complaints or 'right'}")
    database.close()
    return complaints if taken >= number * LEAST_TAKEN else [*complaints, f"only {taken} of {number} taken"]


def _import(url: str, file: Path) -> tuple[float, Counter[str]]:
    refusals = file.with_suffix(".refused")
    began = time.perf_counter()
    if _start(url, file, refusals).wait() != 0:
        raise SystemExit("the import failed")
    seconds = time.perf_counter() - began
    with refusals.open() as lines:
        return seconds, Counter(row["reason"] for row in csv.DictReader(lines))


def _start(url: str, file: Path, refusals: Path) -> "subprocess.Popen[bytes]":
    own = {"BTL_ENVIRONMENT": "test", "BTL_VAR": str(file.parent / "var"), "BTL_DATABASE_URL": url}
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "import", str(file), "--refusals", str(refusals)],
        env=os.environ | own,
        stdout=subprocess.DEVNULL,
    )


def _complaints(database: Database) -> list[str]:
    """What a recount finds wrong: nothing, it is hoped."""
    with database.reading() as session:
        found = {
            "stories' counts": _wrong_story_counts(session),
            "replies' counts": _wrong_reply_counts(session),
            "rows without a comment, or twice": _wrong_rows(session),
            "held without an item": _unasked(session),
        }
        order = session.scalars(select(Item.priority).order_by(Item.priority.desc(), Item.id)).all()
    if list(order) != sorted(order, reverse=True):
        found["queue out of order"] = 1
    return [f"{number} {what}" for what, number in found.items() if number]


def _wrong_story_counts(session: Session) -> int:
    published = (
        select(func.count())
        .where(Comment.story_id == Story.id, Comment.state == PUBLISHED)
        .correlate(Story)
        .scalar_subquery()
    )
    return session.scalar(select(func.count()).select_from(Story).where(Story.comment_count != published)) or 0


def _wrong_reply_counts(session: Session) -> int:
    reply = aliased(Comment)
    replies = (
        select(func.count())
        .where(reply.parent_id == Comment.id, reply.state == PUBLISHED)
        .correlate(Comment)
        .scalar_subquery()
    )
    return session.scalar(select(func.count()).select_from(Comment).where(Comment.reply_count != replies)) or 0


def _wrong_rows(session: Session) -> int:
    rows = session.scalar(select(func.count()).select_from(ImportedRow)) or 0
    comments = session.scalar(select(func.count()).select_from(Comment)) or 0
    joined = session.scalar(
        select(func.count(ImportedRow.comment_id.distinct())).join(Comment, Comment.id == ImportedRow.comment_id)
    )
    return abs(rows - comments) + abs(rows - (joined or 0))


def _unasked(session: Session) -> int:
    asked = select(Item.subject_id).where(Item.kind == "comment")
    waiting = Comment.state.in_((HELD, WITHHELD)) & Comment.id.not_in(asked)
    return session.scalar(select(func.count()).select_from(Comment).where(waiting)) or 0


def _shares(database: Database) -> tuple[Counter[str], Counter[str]]:
    """Comments by state: all, and those whose text was never trained on."""
    trained = {_folded(each) for each in history.trained_on()}
    with database.reading() as session:
        rows = session.execute(select(Comment.state, Comment.text)).all()
    return Counter(row.state for row in rows), Counter(row.state for row in rows if _folded(row.text) not in trained)


def _share(states: Counter[str]) -> float:
    return (states[HELD] + states[WITHHELD]) / max(1, sum(states.values()))


def _folded(value: str) -> str:
    return "".join(c for c in value.casefold() if c.isalnum())


if __name__ == "__main__":
    main()
