from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

# what a second opinion did to the comment
HELD, PUBLISHED, NOTHING, UNAVAILABLE = EFFECTS = ("held", "published", "nothing", "unavailable")
_SECOND = text("revises_id IS NOT NULL")


class Assessment(Model):
    """What the machine made of one revision of a comment: every signal with its value, and the verdict.

    A second opinion is an assessment that names the one it revises: there is at most one of each.
    """

    __tablename__ = "assessments"
    __table_args__ = (
        one_of("effect", EFFECTS),
        Index("ix_assessments_comment", "comment_id", "revision"),
        Index("uq_assessments_revises", "revises_id", unique=True, sqlite_where=_SECOND, postgresql_where=_SECOND),
    )

    id: Mapped[int] = primary_key()
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"))
    revision: Mapped[int]
    # publish, nudge, hold or withhold
    outcome: Mapped[str]
    # codes of what led to it, the strongest first
    reasons: Mapped[list[str]]
    # {signal: value}; scores are {"score.toxicity": 0.93, ...}
    signals: Mapped[dict[str, Any]]
    scorer: Mapped[str]
    # how far, in logits, the score that decides lies over its hold threshold, or below it (negative); null without one
    margin: Mapped[float | None] = mapped_column(Float)
    # the first opinion, and what came of the second
    revises_id: Mapped[int | None]
    effect: Mapped[str | None]
    created_at: Mapped[datetime]
