"""Evidence for tests, as columns that a test can read."""

from collections.abc import Iterable, Mapping

from app.clock import EPOCH
from app.thresholds.evidence import Collected, Evidence
from app.thresholds.labels import Label
from app.toxicity import ATTRIBUTES

REMOVED, APPROVED = Label(True, "respect", EPOCH), Label(False, None, EPOCH)


def signals(**scores: float) -> dict[str, float]:
    """The signals of a comment with these scores; all others are 0.01."""
    return {f"score.{attribute}": scores.get(attribute, 0.01) for attribute in ATTRIBUTES}


def evidence(rows: Iterable[tuple[Mapping[str, object], Label | None]]) -> Evidence:
    """The evidence of comments with these signals and labels; those without a label are published."""
    collected = Collected()
    for found, label in rows:
        collected.comment(found, label, waiting=False)
    return collected.evidence()


def toxicity(
    removed: Iterable[float] = (), approved: Iterable[float] = (), unreviewed: Iterable[float] = ()
) -> Evidence:
    """Comments that differ in their toxicity alone."""
    groups = (removed, REMOVED), (approved, APPROVED), (unreviewed, None)
    return evidence((signals(toxicity=score), label) for scores, label in groups for score in scores)
