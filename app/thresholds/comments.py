"""Reads a site's comments with their scores and what people decided on them: in slices, and without writing.

A score counts for the text that was decided on: the revision that stood at the moment of the decision. Each slice is a
transaction of its own and a fixed number of statements, and nothing is open while a scorer works.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session, aliased

from app.db import Database
from app.ids import first_at
from app.models import Assessment, Comment, Decision, Revision
from app.models.comment import HELD, WITHHELD
from app.signals import origin, premoderation, toxicity_scores
from app.text import markup
from app.thresholds.evidence import Collected
from app.thresholds.labels import DecisionStep, Label, final_word
from app.thresholds.rescoring import scores_of
from app.toxicity import Scorer
from app.toxicity.scorer import known_as

SLICE_COMMENTS = 1000
# why a text is left out
OTHER_SCORER, NO_TEXT = "scored by another scorer", "text is gone"


@dataclass(frozen=True)
class Assessed:
    """What one scorer made of one revision."""

    revision: int
    signals: Mapping[str, Any]
    scorer: str
    at: datetime


@dataclass
class FoundComment:
    """A comment as the database has it, with all that was made of it, from the oldest on."""

    id: int
    state: str
    revision: int
    steps: list[DecisionStep] = field(default_factory=list)
    assessed: list[Assessed] = field(default_factory=list)

    @property
    def waiting(self) -> bool:
        """Whether it waits for a moderator, so that readers do not see it."""
        return self.state in (HELD, WITHHELD)

    def revision_for(self, label: Label | None) -> int:
        """The revision that a label is about; without one, the present one."""
        known = [each.revision for each in self.assessed if label and each.at <= label.at]
        return max(known, default=self.revision)


def collect(
    database: Database, collected: Collected, site_id: int, since: datetime, scorer: Scorer, *, rescore: bool
) -> None:
    """Add a site's comments since that moment to `collected`. Scores are those of `scorer` as it is today; with
    `rescore` it scores what it has not scored yet. Raises NoScores.
    """
    ours = known_as(scorer)
    for part in _slices(database, site_id, first_at(since)):
        missing = []
        for found in part:
            label = final_word(found.steps)
            revision = found.revision_for(label)
            of_it = [each for each in found.assessed if each.revision == revision]
            stored = next((each.signals for each in reversed(of_it) if _is_by(ours, each.scorer)), None)
            if stored is not None:
                collected.comment(stored, label, waiting=found.waiting)
            elif rescore:
                missing.append((found, revision, label, of_it[-1].signals if of_it else {}))
            else:
                collected.left_out[OTHER_SCORER] += 1
        if missing:
            _rescore(database, collected, scorer, missing)


def decisions(session: Session, site_id: int, since: datetime) -> int:
    """How many decisions people have made on the site's comments since then."""
    by_people = select(func.count()).select_from(Decision).where(Decision.actor_id.is_not(None))
    on_comments = by_people.where(Decision.subject_type == "comment", Decision.site_id == site_id)
    return session.scalar(on_comments.where(Decision.created_at >= since)) or 0


def first_comment(session: Session, site_id: int, since: datetime) -> datetime | None:
    """When the first of the site's comments since then was written."""
    mine = select(Comment.created_at).where(Comment.site_id == site_id, Comment.id >= first_at(since))
    return session.scalars(mine.order_by(Comment.id).limit(1)).first()


def _is_by(ours: str, scorer: str) -> bool:
    """Whether that is our scorer, alone or with a second opinion, which counts for what it held."""
    return scorer == ours or scorer.startswith(f"{ours}+")


def _rescore(
    database: Database,
    collected: Collected,
    scorer: Scorer,
    missing: Sequence[tuple[FoundComment, int, Label | None, Mapping[str, Any]]],
) -> None:
    with database.reading() as session:
        wanted = [(found.id, revision) for found, revision, _, _ in missing]
        rows = select(Revision.comment_id, Revision.number, Revision.text)
        rows = rows.where(tuple_(Revision.comment_id, Revision.number).in_(wanted))
        texts = {(comment_id, number): text for comment_id, number, text in session.execute(rows) if text}
    there = [each for each in missing if (each[0].id, each[1]) in texts]
    collected.left_out[NO_TEXT] += len(missing) - len(there)
    # what readers see, as the first time
    scores = scores_of(scorer, [markup.plain(texts[found.id, revision]) for found, revision, _, _ in there])
    for (found, _, label, signals), found_scores in zip(there, scores, strict=True):
        kept = {name: value for name, value in signals.items() if name in (premoderation.NAME, origin.NAME)}
        now = toxicity_scores.as_signals(found_scores)
        collected.comment(kept | now, label, waiting=found.waiting)


def _slices(database: Database, site_id: int, first: int) -> Iterator[list[FoundComment]]:
    mine = select(Comment.id, Comment.state, Comment.revision).where(Comment.site_id == site_id)
    after = first - 1
    while True:
        with database.reading() as session:
            rows = session.execute(mine.where(Comment.id > after).order_by(Comment.id).limit(SLICE_COMMENTS))
            part = {row.id: FoundComment(*row) for row in rows}
            add_decisions(session, part)
            add_assessments(session, part)
        if part:
            yield list(part.values())
        if len(part) < SLICE_COMMENTS:
            return
        after = max(part)


def add_decisions(session: Session, part: Mapping[int, FoundComment]) -> None:
    """Tell each comment of a slice, by id, what was decided on it."""
    undoing = aliased(Decision)
    rows = session.execute(
        select(
            Decision.subject_id,
            Decision.action,
            Decision.actor_id.is_not(None),
            undoing.id.is_(None),
            Decision.before,
            Decision.rule,
            Decision.created_at,
        )
        .outerjoin(undoing, undoing.undoes_id == Decision.id)
        .where(Decision.subject_type == "comment", Decision.subject_id.in_(part))
        .order_by(Decision.created_at, Decision.id)
    )
    for comment_id, action, by_person, stands, before, rule, at in rows:
        step = DecisionStep(action, bool(by_person), bool(stands), before.get("state"), rule, at)
        part[comment_id].steps.append(step)


def add_assessments(session: Session, part: Mapping[int, FoundComment]) -> None:
    """Tell each comment of a slice, by id, what scorers made of it."""
    rows = session.execute(
        select(
            Assessment.comment_id,
            Assessment.revision,
            Assessment.signals,
            Assessment.scorer,
            Assessment.created_at,
        )
        .where(Assessment.comment_id.in_(part))
        .order_by(Assessment.created_at, Assessment.id)
    )
    for comment_id, *rest in rows:
        part[comment_id].assessed.append(Assessed(*rest))
