"""Everything that the machine takes into account about one text, as one ordered list: name → value.

The values are stored with the comment (Assessment) and judged by moderation.verdict. A signal costs no statement of
its own: what it needs is in the Draft or already read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.models import Story
from app.models.story import PREMODERATED
from app.toxicity.scorer import Scorer, Scores, Unavailable

Signal = tuple[str, Any]


@dataclass(frozen=True)
class Scoring:
    """What a scorer (`known_as`) said of one text. `second`: whether there is another to ask where it is in doubt."""

    scorer: str
    result: Scores | Unavailable
    second: bool = False


def known_as(scorer: Scorer) -> str:
    """How an assessment names its scorer, so that old scores can be told from new ones."""
    return f"{scorer.name}/{scorer.version}"


def collect(scoring: Scoring, story: Story, origin: str) -> dict[str, Any]:
    """The signals of a text under `story`, written on the site or imported (models.comment.ORIGINS)."""
    return dict([*_scores(scoring), *_premoderated(story), *_imported(origin)])


def _scores(scoring: Scoring) -> Iterator[Signal]:
    if isinstance(scoring.result, Unavailable):
        yield "unscored", scoring.result.reason
    else:
        for attribute, score in scoring.result.by_attribute().items():
            yield f"score.{attribute}", round(score, 4)


def _premoderated(story: Story) -> Iterator[Signal]:
    if story.state == PREMODERATED:
        yield "premoderated", True


def _imported(origin: str) -> Iterator[Signal]:
    if origin != "site":
        yield "origin", origin
