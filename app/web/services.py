"""What a request needs beside itself: built once in `create_app`, reached through `services()`."""

from dataclasses import dataclass
from functools import cached_property
from typing import cast

from flask import current_app

from app.db import Database
from app.toxicity.guard import Guarded
from app.toxicity.scorer import Scorer
from config.policy import HouseRules
from config.settings import Settings

EXTENSION = "below-the-line"


@dataclass(frozen=True)
class Services:
    """The installation as the web sees it."""

    settings: Settings
    house: HouseRules
    database: Database
    scorer: Scorer

    @cached_property
    def explainer(self) -> Scorer:
        """The scorer for the moderators' pages, which must not hold up those who post."""
        return self.scorer.apart() if isinstance(self.scorer, Guarded) else self.scorer


def services() -> Services:
    """The services of the application that handles this request."""
    return cast(Services, current_app.extensions[EXTENSION])
