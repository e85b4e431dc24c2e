from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model

BEHIND = text("applied_seq < requested_seq")
TROUBLED = text("trouble IS NOT NULL")
# an object that is fetched more often than this within an hour never comes to rest
MOST_FETCHES = 30
RESTLESS = text(f"fetches > {MOST_FETCHES}")


class StripeSync(Model):
    """How far we are behind one Stripe object: every hint raises `requested_seq`, and a fetch that began at
    sequence n may write only while `applied_seq` < n, so a slow old answer never overwrites a newer one."""

    __tablename__ = "stripe_sync"
    __table_args__ = (
        Index("ix_stripe_sync_trouble", "trouble", sqlite_where=TROUBLED, postgresql_where=TROUBLED),
        Index("ix_stripe_sync_fetches_since", "fetches_since", sqlite_where=RESTLESS, postgresql_where=RESTLESS),
        Index("ix_stripe_sync_behind_since", "behind_since", sqlite_where=BEHIND, postgresql_where=BEHIND),
    )

    object_type: Mapped[str] = mapped_column(primary_key=True)
    object_id: Mapped[str] = mapped_column(primary_key=True)
    requested_seq: Mapped[int] = mapped_column(default=0)
    applied_seq: Mapped[int] = mapped_column(default=0)
    # since when a hint has waited to be followed; means nothing where none does
    behind_since: Mapped[datetime | None]
    # how often it was fetched since then, which is within the last hour
    fetches: Mapped[int] = mapped_column(default=0)
    fetches_since: Mapped[datetime | None]
    # why the newest answer could not be written and is not asked for again: wrong_mode, malformed, or Stripe's own code
    trouble: Mapped[str | None]
