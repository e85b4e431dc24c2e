"""The evaluation as text for a terminal."""

import textwrap
from collections.abc import Iterator

from app.thresholds import proposal
from app.thresholds.evaluation import ThresholdEvaluation
from app.thresholds.measures import Attribute, Point

WIDTH_CHARACTERS = 100
SHOWN_THRESHOLDS = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}
EFFECTS = {
    "held": "would be held",
    "held_per_day": "  a day",
    "withheld": "  of these withheld",
    "held_removed": "  of these removed by moderators",
    "held_approved": "  of these approved by moderators",
    "held_undecided": "  of these not decided on",
    "nudged": "would be asked to think again",
    "posted_removed": "removed ones that would slip through",
    "posted_approved": "approved ones that would not be held",
    "posted_undecided": "not held, and not decided on",
}


def lines(evaluation: ThresholdEvaluation) -> Iterator[str]:
    """The evaluation, line by line."""
    dates = f"{evaluation.since:%d %B} to {evaluation.until:%d %B %Y}"
    yield f"{evaluation.site}: {dates}, comments of {evaluation.days:.0f} days, scorer {evaluation.scorer}"
    yield ""
    yield from _basis(evaluation)
    yield ""
    yield from textwrap.wrap(evaluation.bias, WIDTH_CHARACTERS)
    for attribute in evaluation.attributes:
        yield ""
        yield from _attribute(attribute, evaluation)
    yield ""
    yield from _effects(evaluation)
    yield ""
    yield from _proposal(evaluation)


def _basis(evaluation: ThresholdEvaluation) -> Iterator[str]:
    texts = evaluation.texts
    yield f"decided     {texts.removed:,} removed and {texts.approved:,} approved by moderators"
    if texts.suggested_removed or texts.suggested_approved:
        yield (
            f"suggested   {texts.suggested_removed:,} rejected and {texts.suggested_approved:,} approved by publishers "
            "who have their texts scored here"
        )
    yield f"undecided   {texts.waiting:,} waiting, {texts.unreviewed:,} published and never reviewed"
    for reason, number in evaluation.left_out.items():
        yield f"left out    {number:,}: {reason}"
    if evaluation.removed_by_rule:
        rules = ", ".join(f"{rule} {number:,}" for rule, number in evaluation.removed_by_rule.items())
        yield f"removed by  {rules}"
    a_day = f"{evaluation.comments_per_day:.1f} comments and {evaluation.decisions_per_day:.1f} decisions a day"
    yield f"work        {a_day}"


def _attribute(attribute: Attribute, evaluation: ThresholdEvaluation) -> Iterator[str]:
    if attribute.auc is None or attribute.calibration is None:
        yield f"{attribute.name}: it takes removed and approved texts to measure it"
    else:
        yield f"{attribute.name}: AUC {attribute.auc:.3f}, calibration error {attribute.calibration:.3f}"
    yield "  threshold  removed  approved  unreviewed  precision (95 %)    recall  held a day"
    marks = _marks(attribute.name, evaluation)
    for point in attribute.points:
        reached = point.decided or point.unreviewed or point.per_day
        if point.threshold in marks or (reached and point.threshold in SHOWN_THRESHOLDS):
            yield f"  {_point(point)}{marks.get(point.threshold, '')}"


def _marks(attribute: str, evaluation: ThresholdEvaluation) -> dict[float, str]:
    hold = evaluation.in_force[attribute].hold
    chosen = next((each for each in evaluation.proposal.choices if each.attribute == attribute and each.point), None)
    if chosen is None:
        return {hold: " in force"}
    return {hold: " in force", chosen.hold: " in force, proposed" if chosen.hold == hold else " proposed"}


def _point(point: Point) -> str:
    precision = "-" if point.precision is None else f"{point.precision:4.0%} ({point.low:.0%} to {point.high:.0%})"
    recall = "-" if point.recall is None else f"{point.recall:.0%}"
    counts = f"{point.removed:7,}  {point.approved:8,}  {point.unreviewed:10,}"
    return f"{point.threshold:9.2f}  {counts}  {precision:<18}  {recall:>6}  {point.per_day:10.1f}"


def _effects(evaluation: ThresholdEvaluation) -> Iterator[str]:
    comments = next(iter(evaluation.effects.values())).comments
    yield f"{f'Of these {comments:,} comments':<40}" + "".join(f"{name:>12}" for name in evaluation.effects)
    for field, words in EFFECTS.items():
        values = [getattr(effect, field) for effect in evaluation.effects.values()]
        yield f"{words:<40}" + "".join(f"{v:>12.1f}" if isinstance(v, float) else f"{v:>12,}" for v in values)


def _proposal(evaluation: ThresholdEvaluation) -> Iterator[str]:
    found = evaluation.proposal
    if found.refusal:
        yield from textwrap.wrap(f"No proposal: {found.refusal}.", WIDTH_CHARACTERS)
        return
    yield from textwrap.wrap(f"Proposed, for each attribute: {found.rule}.", WIDTH_CHARACTERS)
    yield ""
    yield proposal.fragment(found).rstrip()
