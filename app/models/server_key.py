from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key

# what a key is for: to make and name stories, to open and close them; to put comments forward
STORIES, PICKS = SCOPES = ("stories", "picks")
_IN_FORCE = text("revoked_at IS NULL")


class ServerKey(Model):
    """By which a system of a newspaper, such as the one that makes its pages, acts for it here."""

    __tablename__ = "server_keys"
    __table_args__ = (
        Index(
            "uq_server_keys_in_force",
            "site_id",
            "name",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    id: Mapped[int] = primary_key()
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    # what the operator calls it; free again once it is revoked
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    # to the minute
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
