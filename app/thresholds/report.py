"""The whole report on a site's thresholds, as data."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from app.db import Database
from app.stories.sites import Snapshot
from app.thresholds import measures, proposal, reading, suggestions, whatif
from app.thresholds.evidence import Collected, Evidence
from app.thresholds.measures import Attribute
from app.thresholds.proposal import Proposal
from app.thresholds.whatif import Effect
from app.toxicity import Scorer
from app.toxicity.scorer import known_as
from config.policy import Threshold

Thresholds = Mapping[str, Threshold]
IN_FORCE, PROPOSED, WHAT_IF = "in force", "proposed", "what if"
BIAS = (
    "Only what was held, reported or pre-moderated has a decision. What was published and never reviewed counts "
    "neither as good nor as bad. So the figures hold for what moderators saw: below the threshold in force that is "
    "mostly what readers reported, and there the removed share, and the recall, look higher than they are among all "
    "comments."
)


class Decided(msgspec.Struct, frozen=True):
    """How many texts stand for what: by the final word of moderators, or of a publisher's own (`suggested`)."""

    removed: int
    approved: int
    suggested_removed: int
    suggested_approved: int
    waiting: int
    unreviewed: int


class Report(msgspec.Struct, frozen=True):
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
    proposal: Proposal
    effects: dict[str, Effect]


def make(
    database: Database,
    site: Snapshot,
    scorer: Scorer,
    thresholds: Thresholds,
    since: datetime,
    until: datetime,
    *,
    rescore: bool,
    suggested: bool,
    asked: Thresholds | None = None,
) -> Report:
    """The report on `site` from `since` to `until` (now). `suggested`: with what publishers have suggested, which
    belongs to no site. `asked`: other thresholds to be tried. Raises reading.NoScores.
    """
    with database.reading() as session:
        began = reading.first_comment(session, site.id, since) or since
        decided = reading.decisions(session, site.id, began)
    collected = Collected()
    reading.collect(database, collected, site.id, since, scorer, rescore=rescore)
    if suggested:
        suggestions.collect(database, collected, since, scorer, rescore=rescore)
    evidence = collected.evidence()
    days = max((until - began) / timedelta(days=1), 1.0)
    measured = measures.measure(evidence, thresholds, days)
    proposed = proposal.propose(evidence, measured, thresholds)
    tried = {IN_FORCE: thresholds, PROPOSED: proposed.thresholds, WHAT_IF: asked}
    return Report(
        site=site.key,
        since=since,
        until=until,
        days=days,
        scorer=known_as(scorer),
        bias=BIAS,
        texts=_decided(evidence),
        left_out={reason: number for reason, number in collected.left_out.items() if number},
        removed_by_rule=dict(collected.rules.most_common()),
        comments_per_day=float(evidence.ours.sum() / days),
        decisions_per_day=decided / days,
        in_force=dict(thresholds),
        attributes=measured,
        proposal=proposed,
        effects={name: whatif.effect(evidence, each, days) for name, each in tried.items() if each},
    )


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
