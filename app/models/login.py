from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key

LOCAL = "local"


class Login(Model):
    """A way to prove to be the owner of an account: a local password, or an identity elsewhere."""

    __tablename__ = "logins"
    __table_args__ = (UniqueConstraint("provider", "subject"),)

    id: Mapped[int] = primary_key()
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    provider: Mapped[str]
    # what the provider calls the account; for local ones the e-mail address, case-folded
    subject: Mapped[str]
    # argon2 hash of the password, for local ones
    secret: Mapped[str | None]
    created_at: Mapped[datetime]
