"""What the machine does with a comment: a pure function of its signals and the rules.

Every signal is looked at, and the gravest finding decides. So raising a score, or adding a signal, can make the
outcome harder and never softer; but for one: a text that its scorer does not read is held where it would be withheld.
"""

from dataclasses import dataclass

from app.signals import families, language, origin
from app.signals.family import HOLD, NUDGE, OUTCOMES, PUBLISH, SignalFinding, Signals, VerdictOutcome
from config.rules import SiteRules


@dataclass(frozen=True)
class Verdict:
    """`reasons` are the names of the signals that led here, the strongest first; `rule` is what the strongest breaks.

    `probability` (0 to 1) is how likely a breach is; unscored.UNKNOWN_PROBABILITY if no score can tell. `read`: whether
    the scorer reads all of the text; None if nobody knows its language.
    """

    outcome: VerdictOutcome
    reasons: tuple[str, ...]
    rule: str | None
    probability: float
    read: bool | None = None


def decide(signals: Signals, rules: SiteRules) -> Verdict:
    """The verdict on a comment with these signals. The author of an imported one cannot be asked to think again."""
    findings = families.judge(signals, rules)
    least = OUTCOMES.index(HOLD if origin.is_imported(signals) else NUDGE)
    telling = sorted((f for f in findings if f.rank >= least), key=_gravity)
    probability = max((f.probability for f in findings), default=0.0)
    if not telling:
        return Verdict(PUBLISH, (), None, probability)
    rule = next((f.rule for f in telling if f.rule), None)
    reasons = tuple(f.signal for f in telling)
    return Verdict(OUTCOMES[telling[0].rank], reasons, rule, probability, language.is_read(signals))


def _gravity(finding: SignalFinding) -> tuple[int, float, str]:
    return -finding.rank, -finding.probability, finding.signal
