"""What a family of signals is: what it collects of a text, how it judges that, and what it has people told."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from app.language import mark
from app.models import Story
from app.toxicity.scorer import Scoring
from config.rules import SiteRules

VerdictOutcome = Literal["publish", "nudge", "hold", "withhold"]
PUBLISH, NUDGE, HOLD, WITHHOLD = OUTCOMES = get_args(VerdictOutcome)

Signal = tuple[str, Any]
# name → value, as kept with the comment: "score.threat": 0.93, "unscored": "deadline", "premoderated": True, ...
Signals = Mapping[str, Any]


@dataclass(frozen=True)
class WrittenText:
    """A text of a comment as it is screened: clean, with what the scorer said of it, where it was written and how.

    `origin` is one of models.comment.ORIGINS.
    """

    text: str
    scoring: Scoring
    story: Story
    origin: str = "site"


@dataclass(frozen=True, order=True)
class SignalFinding:
    """What one signal alone would lead to; findings sort by gravity.

    `rank` is a place in OUTCOMES, `probability` (0 to 1) how likely a breach is, `rule` what would be broken.
    """

    rank: int
    probability: float
    signal: str
    rule: str | None = None


@dataclass(frozen=True)
class WaitingReason:
    """Why a comment waits for a moderator: the code that stands in its item, and what it says to whom."""

    code: str
    # the author of the comment
    author: str
    # moderators, in the queue
    moderator: str
    # whoever reads the statement of reasons, of how the breach was found; None: the machine has found none
    statement: str | None = None


POINTED = mark("Our software pointed to it.")
HELD_BY_MACHINE = WaitingReason(
    HOLD,
    mark("Thank you. A moderator reads this comment before it appears."),
    mark("Held by the machine"),
    POINTED,
)
# by the author's own choice, whichever family had them think again
KEPT = WaitingReason(
    "kept",
    mark(
        "Thank you. Our software takes this for something that may break a rule, and you have kept it as it is. So a"
        " moderator reads it before it appears."
    ),
    mark("Kept as it is after a nudge"),
    POINTED,
)


def _collect_nothing(_text: WrittenText) -> Iterable[Signal]:
    return ()


def _judge_nothing(_signals: Signals, _rules: SiteRules) -> Iterable[SignalFinding]:
    return ()


@dataclass(frozen=True)
class Family:
    """Signals that are collected and judged together.

    `collect` costs no statement of its own: what it needs is in the text or already read. `judge` gets the signals of
    all families as they are stored, and again long after; more of a signal never leads to less. What it withholds must
    name a rule, which the statement of reasons gives.
    """

    # {signal as it is stored: what moderators call it}
    names: Mapping[str, str]
    collect: Callable[[WrittenText], Iterable[Signal]] = _collect_nothing
    judge: Callable[[Signals, SiteRules], Iterable[SignalFinding]] = _judge_nothing
    # why a comment waits that this family holds
    waiting: WaitingReason = HELD_BY_MACHINE
    # what its author is asked whom this family has think again
    nudge: str = mark(
        "This may hurt or offend other readers. Would you like to put it differently? If you post it as it is, a"
        " moderator reads it before it appears."
    )
    # the facts, in a statement and in the log, where the machine alone acts on this family
    facts: str = mark("Our software finds it highly probable that the comment breaks this rule.")
