"""How well a site's thresholds do, by what people decided there: the whole of it, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from app.db import Database
from app.stories.sites import SiteSnapshot
from app.thresholds import comments, measures, proposal, suggestions, whatif
from app.thresholds.evidence import Collected, Evidence
from app.thresholds.measures import Attribute
from app.thresholds.proposal import ThresholdProposal
from app.thresholds.whatif import ThresholdEffect
from app.toxicity import Scorer
from app.toxicity.scorer import known_as
from config.rules import Threshold

Thresholds = Mapping[str, Threshold]
IN_FORCE, PROPOSED, WHAT_IF = "in force", "proposed", "what if"
BIAS = (
    "Only what was held, reported or pre-moderated has a decision. What was published and never reviewed counts "
    "neither as good nor as bad. So the figures hold for what moderators saw: below the threshold in force that is "
    "mostly what readers reported, and there the removed share, and the recall, look higher than they are among all "
    "comments."
)


@dataclass(frozen=True)
class Scope:
    """What an evaluation looks at: the comments of `site` from `since` to `until` (now), by the scores of `scorer`.

    `rescore`: it scores now what it has not scored yet. `suggested`: with what publishers have suggested, which belongs
    to no site.
    """

    site: SiteSnapshot
    since: datetime
    until: datetime
    scorer: Scorer
    rescore: bool
    suggested: bool


class Decided(msgspec.Struct, frozen=True):
    """How many texts stand for what: by the final word of moderators, or of a publisher's own (`suggested`)."""

    removed: int
    approved: int
    suggested_removed: int
    suggested_approved: int
    waiting: int
    unreviewed: int


class ThresholdEvaluation(msgspec.Struct, frozen=True):
    """`days`: from the first comment to the end. `left_out`: texts without a usable score, by reason. `effects`: of the
    thresholds in force, of the proposed ones and of those that were asked about, on the same comments.
    """

    site: str
    since: datetime
    until: datetime
    days: float
    scorer: str
    bias: str
    texts: Decided
    left_out: dict[str, int]
    removed_by_rule: dict[str, int]
    comments_per_day: float
    decisions_per_day: float
    in_force: dict[str, Threshold]
    attributes: list[Attribute]
    proposal: ThresholdProposal
    effects: dict[str, ThresholdEffect]


def evaluate(
    database: Database, scope: Scope, in_force: Thresholds, asked: Thresholds | None = None
) -> ThresholdEvaluation:
    """What people's decisions say of the thresholds `in_force`, and of others `asked` about. Raises NoScores."""
    with database.reading() as session:
        began = comments.first_comment(session, scope.site.id, scope.since) or scope.since
        decisions = comments.decisions(session, scope.site.id, began)
    collected = _collected(database, scope)
    evidence = collected.evidence()
    days = max((scope.until - began) / timedelta(days=1), 1.0)
    measured = measures.measure(evidence, in_force, days)
    proposed = proposal.propose(evidence, measured, in_force)
    tried = {IN_FORCE: in_force, PROPOSED: proposed.thresholds, WHAT_IF: asked}
    return ThresholdEvaluation(
        site=scope.site.key,
        since=scope.since,
        until=scope.until,
        days=days,
        scorer=known_as(scope.scorer),
        bias=BIAS,
        texts=_decided(evidence),
        left_out={reason: number for reason, number in collected.left_out.items() if number},
        removed_by_rule=dict(collected.rules.most_common()),
        comments_per_day=float(evidence.ours.sum() / days),
        decisions_per_day=decisions / days,
        in_force=dict(in_force),
        attributes=measured,
        proposal=proposed,
        effects={name: whatif.effect(evidence, each, days) for name, each in tried.items() if each},
    )


def _collected(database: Database, scope: Scope) -> Collected:
    collected = Collected()
    comments.collect(database, collected, scope.site.id, scope.since, scope.scorer, rescore=scope.rescore)
    if scope.suggested:
        suggestions.collect(database, collected, scope.since, scope.scorer, rescore=scope.rescore)
    return collected


def _decided(evidence: Evidence) -> Decided:
    removed, approved, ours = evidence.removed, evidence.approved, evidence.ours
    return Decided(
        removed=int((ours & removed).sum()),
        approved=int((ours & approved).sum()),
        suggested_removed=int((~ours & removed).sum()),
        suggested_approved=int((~ours & approved).sum()),
        waiting=int(evidence.waiting.sum()),
        unreviewed=int((ours & evidence.unreviewed).sum()),
    )
