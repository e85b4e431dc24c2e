"""An installation for tests, put together from its parts."""

from dataclasses import replace

from app.db import Database
from app.gateway.client import Stripe
from app.installation import Installation, second_scorer_of
from app.toxicity.guard import Guarded
from app.toxicity.scorer import Scorer
from config.policy import HouseRules
from config.settings import Settings
from tests.support.scorers import Marked


def assembled(
    settings: Settings,
    house: HouseRules,
    database: Database,
    *,
    stripe: Stripe | None = None,
    scorer: Scorer | None = None,
) -> Installation:
    """What `app.installation.of` would make of these parts, but for a scorer that is told what to say."""
    made = scorer if isinstance(scorer, Guarded) else Guarded(scorer or Marked())
    house = replace(house, address=settings.public_url)
    return Installation(settings, house, database, stripe or Stripe(settings), lambda: made, second_scorer_of(settings))
