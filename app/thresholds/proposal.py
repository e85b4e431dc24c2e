"""Thresholds from which the machine should hold, by what moderators decided on what it held.

A threshold is proposed per attribute, by one rule (RULE). Where the decisions do not carry one, the threshold in force
stays; where there are too few of them for anything, nothing is proposed at all.
"""

from collections.abc import Mapping

import msgspec

from app.thresholds.evidence import Evidence
from app.thresholds.measures import Attribute, Point
from config.rules import Threshold

# of what is held, moderators remove at least that share
LEAST_PRECISION = 0.9
# of what scores that high, people have decided on at least that share: reports alone show the worst of it
LEAST_REVIEWED = 0.8
# decided texts in all, of either kind, and at or over a proposed threshold
LEAST_DECIDED, LEAST_OF_A_KIND, LEAST_HELD = 100, 20, 20
RULE = (
    f"the lowest threshold at which at least {LEAST_PRECISION:.0%} of the decided texts at or over it were removed, "
    f"where at least {LEAST_HELD} are decided and they are at least {LEAST_REVIEWED:.0%} of all that score so high"
)


class Choice(msgspec.Struct, frozen=True):
    """A hold threshold by the rule, with the evidence for it; `point` is None where the one in force stays."""

    attribute: str
    before: float
    hold: float
    point: Point | None


class ThresholdProposal(msgspec.Struct, frozen=True):
    """`refusal` says why there is none; else a choice and the whole thresholds for each attribute."""

    rule: str
    refusal: str | None
    choices: list[Choice]
    thresholds: dict[str, Threshold]


def propose(evidence: Evidence, measured: list[Attribute], in_force: Mapping[str, Threshold]) -> ThresholdProposal:
    """Hold thresholds for a policy in whose place they would come."""
    refusal = _refusal(evidence)
    if refusal:
        return ThresholdProposal(RULE, refusal, [], {})
    choices = [_choice(attribute, in_force[attribute.name].hold) for attribute in measured]
    return ThresholdProposal(
        RULE,
        None,
        choices,
        {choice.attribute: with_hold(in_force[choice.attribute], choice.hold) for choice in choices},
    )


def with_hold(threshold: Threshold, hold: float) -> Threshold:
    """`threshold` with another hold; what would be out of order follows it."""
    return Threshold(nudge=min(threshold.nudge, hold), hold=hold, severe=max(threshold.severe, hold))


def fragment(proposal: ThresholdProposal) -> str:
    """The thresholds as TOML, to be put in the place of those of a policy file."""
    return "\n".join(line for choice in proposal.choices for line in _table(choice, proposal.thresholds))


def _table(choice: Choice, thresholds: Mapping[str, Threshold]) -> list[str]:
    threshold = thresholds[choice.attribute]
    return [
        f"[thresholds.{choice.attribute}]",
        f"nudge = {threshold.nudge}",
        f"# {_grounds(choice)}",
        f"hold = {threshold.hold}",
        f"severe = {threshold.severe}",
        "",
    ]


def _grounds(choice: Choice) -> str:
    point = choice.point
    if point is None:
        return "as it is: no threshold meets the rule"
    sure = f"{point.removed} of {point.decided} removed, 95 % sure of {point.low:.0%} to {point.high:.0%}"
    return f"was {choice.before}; {sure}"


def _choice(attribute: Attribute, before: float) -> Choice:
    point = next((point for point in _candidates(attribute.points) if _is_enough(point)), None)
    return Choice(attribute.name, before, point.threshold if point else before, point)


def _candidates(points: list[Point]) -> list[Point]:
    """From the lowest: those that hold a decided text which the next one does not. No other is better founded."""
    fewer = [point.decided for point in points[1:]] + [0]
    return [point for point, after in zip(points, fewer, strict=True) if point.decided > after]


def _is_enough(point: Point) -> bool:
    if point.precision is None or point.decided < LEAST_HELD:
        return False
    return point.precision >= LEAST_PRECISION and point.reviewed >= LEAST_REVIEWED


def _refusal(evidence: Evidence) -> str | None:
    removed = int((evidence.scored & evidence.removed).sum())
    approved = int((evidence.scored & evidence.approved).sum())
    if removed + approved >= LEAST_DECIDED and min(removed, approved) >= LEAST_OF_A_KIND:
        return None
    return (
        f"{removed} removed and {approved} approved texts with scores are too few: "
        f"it takes {LEAST_DECIDED}, and {LEAST_OF_A_KIND} of either kind"
    )
