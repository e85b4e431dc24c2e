"""What drove the score that held or nudged a comment, marked in its text for moderators when they open the page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.review_queue.listing import QueueRow
from app.signals import families
from app.signals.family import PUBLISH
from app.signals.toxicity_scores import attribute_of, signal_of
from app.text import markup
from app.toxicity.drivers import Driver, drivers
from app.toxicity.guard import Guarded
from app.toxicity.scorer import Answer, Scorer, Unavailable


@dataclass(frozen=True)
class Highlights:
    """`called`: the score that led to the outcome. `words` are in order of strength, `pieces` are the whole text:
    (what stands there, whether it drove the score).
    """

    called: str
    score: float
    words: list[str]
    pieces: list[tuple[str, bool]]


class AsRead:
    """A scorer of comments: of what readers see of a text, as when it was posted."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer

    @property
    def name(self) -> str:
        return self._scorer.name

    @property
    def version(self) -> str:
        return self._scorer.version

    def score(self, texts: Sequence[str], deadline: float) -> Answer:
        """As Scorer.score."""
        return self._scorer.score([markup.plain(text) for text in texts], deadline)


def of(row: QueueRow, scorer: Guarded, deadline: float) -> Highlights | None:
    """What drove the score of the comment in `row`; None if no score led to anything, or the scorer cannot say now.

    The scorer is asked apart from those who post, whom this must not hold up.
    """
    comment, assessment = row.comment, row.assessment
    if comment is None or assessment is None or assessment.revision != comment.revision:
        return None
    attribute = next(filter(None, map(attribute_of, assessment.reasons)), None)
    if attribute is None or assessment.outcome == PUBLISH:
        return None
    found = drivers(AsRead(scorer.apart), comment.text, attribute, deadline)
    if isinstance(found, Unavailable):
        return None
    signal = signal_of(attribute)
    words = [comment.text[driver.begin : driver.end] for driver in found]
    return Highlights(families.called(signal), assessment.signals[signal], words, list(_pieces(comment.text, found)))


def _pieces(text: str, found: Sequence[Driver]) -> Iterator[tuple[str, bool]]:
    end = 0
    for driver in sorted(found, key=lambda driver: driver.begin):
        yield text[end : driver.begin], False
        yield text[driver.begin : driver.end], True
        end = driver.end
    yield text[end:], False
