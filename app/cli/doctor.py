"""Looks at an installation, part by part, and says what is wrong and what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from app import clock, db, toxicity
from app.db import Database
from app.gateway import client, rights
from app.gateway.client import WrongMode
from app.jobs import queue
from app.models.stripe_sync import MOST_FETCHES
from app.reconcile import condition, gauges
from app.screening import second_opinion
from app.toxicity import languages
from app.toxicity.scorer import Unavailable
from config import policy
from config.settings import Settings
from migrations import upgrade

LONGEST_WAIT_SECONDS = 600


class Ill(RuntimeError):
    """A part is not well; the message says why and what helps."""


@dataclass(frozen=True)
class HealthFinding:
    """What was found about one part of the installation."""

    part: str
    good: bool
    words: str


def examine(settings: Settings) -> Iterator[HealthFinding]:
    """Every part, one after the other, whatever the others are like."""
    database = db.of(settings)
    parts: dict[str, Callable[[], str]] = {
        "policy": lambda: _policy(settings),
        "database": lambda: _reachable(database),
        "schema": lambda: _schema(database),
        "jobs": lambda: _jobs(database),
        "stripe": lambda: _stripe(settings),
        "events": lambda: _events(database, settings),
        "refreshes": lambda: _refreshes(database),
        "scorer": lambda: _scorer(settings),
        "second scorer": lambda: _second_scorer(settings),
    }
    try:
        for part, look in parts.items():
            yield _finding(part, look)
    finally:
        database.close()


def _finding(part: str, look: Callable[[], str]) -> HealthFinding:
    try:
        return HealthFinding(part, True, look())
    except Exception as error:
        return HealthFinding(part, False, str(error).partition("\n")[0])


def _policy(settings: Settings) -> str:
    return f"version {policy.load(settings.policy).rules_version}"


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
    if gauges["oldest_seconds"] > LONGEST_WAIT_SECONDS:
        raise Ill(f"a job has waited for {gauges['oldest_seconds']:.0f} seconds: is btl worker running?")
    return f"{gauges['ready']:.0f} waiting"


def _stripe(settings: Settings) -> str:
    if settings.stripe_mode == "simulator" and not settings.stripe_api_base:
        return "none: only btl demo brings a simulated one"
    try:
        refused = rights.unreadable(client.connect(settings))
    except WrongMode as error:
        raise Ill(f"the objects there are not of {settings.stripe_mode} mode, as STRIPE_MODE says") from error
    if len(refused) == len(rights.LISTS):
        raise Ill("cannot be reached, or refuses the key: see STRIPE_API_KEY and STRIPE_READ_KEY")
    if refused:
        raise Ill(f"the key for reading may not read {', '.join(refused)}: nothing will be known of them")
    apart = "a key of its own for reading" if settings.stripe_read_key else "one key for all: set STRIPE_READ_KEY"
    return f"{settings.stripe_mode} mode, {apart}, {len(settings.stripe_webhook_secrets)} webhook secrets"


def _events(database: Database, settings: Settings) -> str:
    if settings.stripe_mode == "simulator":
        return "none to wait for"
    with database.reading() as session:
        polled_at, heard = condition.polled_at(session), gauges.heard(session)
    webhooks, only_polled = heard.get("webhook", 0), heard.get("poll", 0)
    if polled_at is None or clock.now() - polled_at > timedelta(seconds=LONGEST_WAIT_SECONDS):
        raise Ill("Stripe's list of events has not been read for ten minutes: is btl worker running?")
    if only_polled and not webhooks:
        raise Ill(f"{only_polled} came in the last hour by polling alone: is the webhook endpoint set up at Stripe?")
    return f"{webhooks} by webhook and {only_polled} by polling in the last hour"


def _refreshes(database: Database) -> str:
    with database.reading() as session:
        restless = condition.restless(session)
    if restless:
        raise Ill(f"{restless}: asked for again and again, more than {MOST_FETCHES} times within an hour")
    return "each comes to rest"


def _scorer(settings: Settings) -> str:
    scorer = toxicity.Guarded(toxicity.find(settings.scorer, settings.scorer_files))
    answer = scorer.score(["Good morning."], settings.scorer_deadline_ms / 1000)
    if isinstance(answer, Unavailable):
        raise Ill(f"unavailable ({answer.reason}): every comment will be held")
    told = "told apart" if languages.is_available() else "not told apart: install the extra language"
    return f"{scorer.name} {scorer.version}, reads {', '.join(sorted(scorer.languages))}; languages are {told}"


def _second_scorer(settings: Settings) -> str:
    if not settings.second_scorer:
        return "none"
    scorer = toxicity.Guarded(toxicity.find(settings.second_scorer, settings.scorer_files))
    answer = scorer.score(["Good morning."], second_opinion.DEADLINE_SECONDS)
    if isinstance(answer, Unavailable):
        raise Ill(f"unavailable ({answer.reason}): the first verdicts stand")
    return f"{scorer.name} {scorer.version}"
