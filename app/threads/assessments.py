"""What the machine made of a comment's text as it is now, beside the comment in one statement."""

from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from app.models import Assessment, Comment

T = TypeVar("T")


def last(column: InstrumentedAttribute[T]) -> ColumnElement[T | None]:
    """A column of the last assessment of the comment in the row around; null if there is none."""
    present = Assessment.comment_id == Comment.id, Assessment.revision == Comment.revision
    return select(column).where(*present).order_by(Assessment.id.desc()).limit(1).scalar_subquery()
