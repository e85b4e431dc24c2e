"""One installation of the program in one hand: what it is set to, its house's rules, and what it reaches.

Plain data, made once in each process: for the web, the worker, the command line, the demo, benchmarks and tests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from app import db, toxicity
from app.db import Database
from app.gateway import client
from app.gateway.client import Stripe
from app.toxicity.guard import Guarded
from app.toxicity.scorer import Scorer
from config import policy
from config.policy import HouseRules
from config.settings import Settings


@dataclass(frozen=True)
class Installation:
    """`stripe` calls at once, for whoever waits; a worker's takes turns with all others (`billing.throttle`)."""

    settings: Settings
    house: HouseRules
    database: Database
    stripe: Stripe
    # the same one each time; most commands and jobs never ask, and need not wait for its 100 MB
    load_scorer: Callable[[], Guarded]
    # asked by the worker where the first was in doubt; None where there is none. Raises ValueError or Unloadable
    load_second_scorer: Callable[[], Scorer] | None = None

    @property
    def scorer(self) -> Guarded:
        """What scores texts, loaded when it is first asked for."""
        return self.load_scorer()


def of(settings: Settings, database: Database | None = None) -> Installation:
    """The installation that `settings` name, on `database` if that is open already.

    Raises BadPolicy with the file, the key and the reason.
    """
    return Installation(
        settings=settings,
        house=policy.load(settings.policy, settings.public_url, settings.zone),
        database=database or db.of(settings),
        stripe=client.connect(settings),
        load_scorer=cache(partial(toxicity.load, settings.scorer, settings.scorer_files)),
        load_second_scorer=second_scorer_of(settings),
    )


def second_scorer_of(settings: Settings) -> Callable[[], Scorer] | None:
    """What loads the second scorer that `settings` name, if any; it raises ValueError or Unloadable."""
    if not settings.second_scorer:
        return None
    return cache(lambda: toxicity.Guarded(toxicity.find(settings.second_scorer, settings.scorer_files)))
