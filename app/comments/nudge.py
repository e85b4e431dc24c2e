"""The nudge: an author is asked to put a comment differently. What they do about it is counted, and no text is kept."""

from dataclasses import dataclass

from prometheus_client import Counter

from app.errors import Conflict
from app.screening.screen import Screening
from app.signals import families, toxicity_scores
from app.signals.family import NUDGE

NUDGES = Counter("btl_nudges_total", "Nudges shown, and comments posted after one, changed or as it is", ("outcome",))


@dataclass(frozen=True)
class Answer:
    """What an author says to it. `confirmed`: the text is to stay as it is; `nudged` is the digest of the text that was
    nudged at, as the refusal gave it ("": they do not say).
    """

    confirmed: bool = False
    nudged: str = ""


NONE = Answer()


def ask(screening: Screening, digest: str, answer: Answer) -> None:
    """Raise Conflict "nudge" if the author of the text of that digest should think again, and has not answered yet."""
    is_nudge = screening.verdict.outcome == NUDGE
    if is_nudge and not answer.confirmed:
        NUDGES.labels("shown").inc()
        raise _nudge(screening, digest)
    if answer.nudged and answer.nudged != digest:
        NUDGES.labels("changed").inc()
    elif is_nudge:
        NUDGES.labels("as_it_is").inc()


def _nudge(screening: Screening, digest: str) -> Conflict:
    verdict = screening.verdict
    attributes = list(filter(None, map(toxicity_scores.attribute_of, verdict.reasons)))
    sentence = families.strongest(verdict.reasons).nudge
    return Conflict("nudge", sentence, rule=verdict.rule, attributes=attributes, nudged=digest)
