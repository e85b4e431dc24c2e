"""Looks at an installation, part by part, and says what is wrong and what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app import toxicity
from app.db import Database
from app.jobs import queue
from app.toxicity.scorer import Unavailable
from config import policy
from config.settings import Settings
from migrations import upgrade

LONGEST_WAIT = 600


class Ill(RuntimeError):
    """A part is not well; the message says why and what helps."""


@dataclass(frozen=True)
class Finding:
    """What was found about one part of the installation."""

    part: str
    good: bool
    words: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Every part, one after the other, whatever the others are like."""
    database = Database(settings.database_url)
    parts: dict[str, Callable[[], str]] = {
        "policy": lambda: _policy(settings),
        "database": lambda: _reachable(database),
        "schema": lambda: _schema(database),
        "jobs": lambda: _jobs(database),
        "scorer": lambda: _scorer(settings),
    }
    for part, look in parts.items():
        try:
            yield Finding(part, True, look())
        except Exception as error:
            yield Finding(part, False, str(error).partition("\n")[0])


def _policy(settings: Settings) -> str:
    return f"version {policy.load(settings.policy).house.rules_version}"


def _reachable(database: Database) -> str:
    database.ping()
    return database.engine.dialect.name


def _schema(database: Database) -> str:
    if upgrade.missing(database):
        raise Ill("migrations are missing: run btl db upgrade")
    return "up to date"


def _jobs(database: Database) -> str:
    with database.reading() as session:
        gauges = queue.gauges(session)
    if gauges["dead"]:
        raise Ill(f"{gauges['dead']:.0f} jobs have failed for good")
    if gauges["oldest_seconds"] > LONGEST_WAIT:
        raise Ill(f"a job has waited for {gauges['oldest_seconds']:.0f} seconds: is btl worker running?")
    return f"{gauges['ready']:.0f} waiting"


def _scorer(settings: Settings) -> str:
    answer = toxicity.load(settings.scorer).score(["Good morning."], settings.scorer_deadline_ms / 1000)
    if isinstance(answer, Unavailable):
        raise Ill(f"unavailable ({answer.reason}): every comment will be held")
    return settings.scorer
