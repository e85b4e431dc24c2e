from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

# in rising order: each may do what the ones before may
MODERATOR, EDITOR, ADMINISTRATOR = "moderator", "editor", "administrator"
ROLES = (MODERATOR, EDITOR, ADMINISTRATOR)
ALL_SITES = 0


class Role(Model):
    """A staff role of an account, at one site or (site 0) at all. A reader is an account without one."""

    __tablename__ = "roles"
    __table_args__ = (UniqueConstraint("account_id", "site_id", "role"), one_of("role", ROLES))

    id: Mapped[int] = primary_key()
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    site_id: Mapped[int] = mapped_column(default=ALL_SITES)
    role: Mapped[str]
    created_at: Mapped[datetime]
