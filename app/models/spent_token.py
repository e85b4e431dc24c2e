from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class SpentToken(Model):
    """A token of the paper that somebody has signed in with: nobody else can, until it ends by itself."""

    __tablename__ = "spent_tokens"

    # keyed digest of its number (jti)
    number: Mapped[str] = mapped_column(primary_key=True)
    # keyed digest of what tells the browser session that it was spent in from others
    browser: Mapped[str]
    # what was made of it, and is made of it again in that browser session
    session_id: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)
