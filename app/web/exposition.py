"""What /metrics answers: what the processes of the web count, and what waits in the database.

`btl serve` names a folder in PROMETHEUS_MULTIPROC_DIR, in which each of its processes counts in files of its own. An
answer is the sum of them all, whichever process gives it; without the folder (another server, a test) a process knows
what it counted itself. The database is asked when somebody looks, so that no process holds a number that has grown old.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    REGISTRY,
    CollectorRegistry,
    Metric,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from app.db import Database
from app.jobs import queue as jobs
from app.reconcile import gauges as stripe
from app.review_queue import listing as items
from app.screening import second_opinion
from app.webhooks import register as webhooks
from config.settings import Settings

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# {first word of the names: (what they are about, who reads them)}
GAUGES: dict[str, tuple[str, Callable[[Session], dict[str, float]]]] = {
    "jobs": ("Background jobs", jobs.gauges),
    "items": ("Items of the review queue", items.gauges),
    "stripe": ("How well Stripe is heard", stripe.read),
    "webhooks": ("What the newspapers' systems are told", webhooks.gauges),
    "second_opinions": ("Second opinions of the last hour", second_opinion.gauges),
}


def text(database: Database) -> bytes:
    """All there is to measure, in Prometheus' text format."""
    waiting = CollectorRegistry()
    waiting.register(_Waiting(database))
    return generate_latest(_counted()) + generate_latest(waiting)


def counting(settings: Settings) -> int:
    """How many processes of `btl serve` are at work on this machine."""
    return sum(map(_is_alive, _processes(settings.metrics_folder.glob("*.db"))))


class _Waiting(Collector):
    """Gauges that are read from the database, in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        with self._database.reading() as session:
            found = [(what, about, read(session)) for what, (about, read) in GAUGES.items()]
        for what, about, values in found:
            for name, value in values.items():
                words = f"{about}: {name.replace('_', ' ')}"
                yield GaugeMetricFamily(f"btl_{what}_{name}", words, value)


def _counted() -> CollectorRegistry:
    """What our processes count, and the state of the one that answers."""
    folder = os.environ.get(FOLDER)
    if folder is None:
        return REGISTRY
    _mark_dead(Path(folder))
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
        registry.register(collector)
    return registry


def _mark_dead(folder: Path) -> None:
    """Forget the live gauges of processes that have ended; what these have counted stays."""
    for process in _processes(folder.glob("gauge_live*.db")):
        if not _is_alive(process):
            with suppress(FileNotFoundError):  # another answer was faster
                mark_process_dead(process, str(folder))  # type: ignore[no-untyped-call]


def _processes(files: Iterable[Path]) -> set[int]:
    """Who counts in these files."""
    return {int(path.stem.rpartition("_")[2]) for path in files}


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True
