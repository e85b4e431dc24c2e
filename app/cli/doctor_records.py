"""The database, and what stands in it about the work that is done and left."""

from datetime import timedelta

from app import clock, toxicity
from app.cli.health import Ill
from app.db import Database
from app.jobs import queue
from app.models.api_key import GOOGLE, SECOND
from app.models.stripe_sync import MOST_FETCHES
from app.models.webhook_delivery import DEAD
from app.perspective import keys, scale
from app.reconcile import condition, gauges
from app.toxicity.scorer import known_as
from app.webhooks import register
from config.settings import Settings
from migrations import upgrade

LONGEST_WAIT_SECONDS = 600


def reachable(database: Database, _settings: Settings) -> str:
    database.ping()
    return database.engine.dialect.name


def schema(database: Database, _settings: Settings) -> str:
    if upgrade.missing(database):
        raise Ill("migrations are missing: run btl db upgrade")
    return "up to date"


def jobs(database: Database, _settings: Settings) -> str:
    with database.reading() as session:
        gauges = queue.gauges(session)
    if gauges["dead"]:
        raise Ill(f"{gauges['dead']:.0f} jobs have failed for good")
    if gauges["oldest_seconds"] > LONGEST_WAIT_SECONDS:
        raise Ill(f"a job has waited for {gauges['oldest_seconds']:.0f} seconds: is btl worker running?")
    return f"{gauges['ready']:.0f} waiting"


def events(database: Database, settings: Settings) -> str:
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


def refreshes(database: Database, _settings: Settings) -> str:
    with database.reading() as session:
        restless = condition.restless(session)
    if restless:
        raise Ill(f"{restless}: asked for again and again, more than {MOST_FETCHES} times within an hour")
    return "each comes to rest"


def api_keys(database: Database, settings: Settings) -> str:
    with database.reading() as session:
        in_force = [key for key in keys.listed(session) if key.revoked_at is None]
    seconds = [key.name for key in in_force if key.unread_languages == SECOND]
    if seconds and not settings.second_scorer:
        raise Ill(
            f"{', '.join(seconds)}: the second scorer is to read other languages, and there is none: set "
            "BTL_SECOND_SCORER, or btl perspective key set NAME --languages refuse"
        )
    scaled = [key.name for key in in_force if key.scale == GOOGLE]
    installed = toxicity.load(settings.scorer, settings.scorer_files) if scaled else None
    if installed and not scale.fits(installed):
        raise Ill(
            f"{', '.join(scaled)}: answered 503, since Google's scale is known for {scale.GOOGLES.scorer} and not for "
            f"{known_as(installed)}: use that scorer, or btl perspective key set NAME --scale ours"
        )
    return f"{len(in_force)} in force"


def webhooks(database: Database, _settings: Settings) -> str:
    with database.reading() as session:
        found = register.listed(session)
    paused = [f"{site_key} {webhook.name}" for webhook, site_key, _number in found if webhook.paused_at]
    if paused:
        raise Ill(f"{', '.join(paused)}: nothing is sent there any more: mend it, then btl site webhook replay")
    lost = [f"{site_key} {webhook.name}" for webhook, site_key, number in found if number[DEAD]]
    if lost:
        raise Ill(f"{', '.join(lost)}: some events were given up: see btl site webhook log, then replay them")
    return f"{len(found)} are told"


CHECKS = {
    "database": reachable,
    "schema": schema,
    "jobs": jobs,
    "events": events,
    "refreshes": refreshes,
    "API keys": api_keys,
    "webhooks": webhooks,
}
# without these nothing can be said of what follows
FOUNDATIONS = ("database", "schema")
