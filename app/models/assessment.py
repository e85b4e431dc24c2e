from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key


class Assessment(Model):
    """What the machine made of one revision of a comment: every signal with its value, and the verdict."""

    __tablename__ = "assessments"
    __table_args__ = (Index("ix_assessments_comment", "comment_id", "revision"),)

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
    created_at: Mapped[datetime]
