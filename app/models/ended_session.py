from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class EndedSession(Model):
    """A session that its owner has signed out of. Its cookie may lie somewhere still, but is good for nothing."""

    __tablename__ = "ended_sessions"

    session_id: Mapped[str] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(index=True)
