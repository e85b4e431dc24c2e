"""The list of all families, and what is asked of all of them at once."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.language import _, mark
from app.models.comment import WITHHELD
from app.review_queue import kinds
from app.signals import language, origin, premoderation, toxicity_scores, unscored
from app.signals.family import KEPT, NUDGE, POINTED, Family, SignalFinding, Signals, WaitingReason, WrittenText
from config.rules import SiteRules

# in the order in which their signals are kept and shown
FAMILIES: tuple[Family, ...] = (
    toxicity_scores.FAMILY,
    unscored.FAMILY,
    premoderation.FAMILY,
    language.FAMILY,
    origin.FAMILY,
)
NOBODYS = Family({})
SEVERE = WaitingReason(
    kinds.SEVERE,
    mark("This comment is not shown until a moderator has decided. The reasons and the appeal are in your account."),
    mark("Severe"),
    POINTED,
)


def collect(text: WrittenText) -> dict[str, Any]:
    """All signals of a text."""
    return dict(signal for family in FAMILIES for signal in family.collect(text))


def judge(signals: Signals, rules: SiteRules) -> list[SignalFinding]:
    """What each signal alone would lead to."""
    return [finding for family in FAMILIES for finding in family.judge(signals, rules)]


def strongest(reasons: Sequence[str]) -> Family:
    """The family of the first of `reasons`, the signals that led to a verdict; NOBODYS without any, or of old."""
    return next((family for name in reasons[:1] for family in FAMILIES if name in family.names), NOBODYS)


def waiting(state: str, reasons: Sequence[str], outcome: str | None) -> WaitingReason:
    """Why a comment in `state` waits for a moderator, from the verdict's outcome and the signals that led to it, the
    strongest first.
    """
    if state == WITHHELD:
        return SEVERE
    return KEPT if outcome == NUDGE else strongest(reasons).waiting


def rule(signals: Signals, reasons: Sequence[str], rules: SiteRules) -> str | None:
    """The rule that the strongest of `reasons` breaks which breaks any."""
    broken = {finding.signal: finding.rule for finding in judge(signals, rules)}
    return next((broken[name] for name in reasons if broken.get(name)), None)


def with_code(code: str) -> WaitingReason | None:
    """The reason that an item has with this code, if it is the machine's."""
    machines = (SEVERE, KEPT, *(family.waiting for family in FAMILIES))
    return next((reason for reason in machines if reason.code == code), None)


def found(codes: Iterable[str]) -> str | None:
    """How a statement says that the machine found the breach, from the codes of an item's reasons; None if not."""
    known = filter(None, map(with_code, codes))
    return next((_(reason.statement) for reason in known if reason.statement), None)


def called(name: str) -> str:
    """What moderators call a signal; one that no family knows any more speaks for itself."""
    return next((_(family.names[name]) for family in FAMILIES if name in family.names), name)
