from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, and_, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

WARNING, SUSPENSION, BAN = "warning", "suspension", "ban"
# who found it: a moderator, the machine at the severe threshold, or the ladder when strikes add up
SOURCES = ("moderator", "machine", "ladder")


class Sanction(Model):
    """What an account may not do any more, since when and until when. Standing is computed from these rows.

    A warning stands until it is acknowledged, a suspension until `ends_at`, a ban until it is lifted.
    Only a recorded decision of a moderator sets `lifted_by`; nothing ever deletes a row.
    """

    __tablename__ = "sanctions"
    __table_args__ = (
        one_of("kind", (WARNING, SUSPENSION, BAN)),
        one_of("source", SOURCES),
        Index(
            "ix_sanctions_in_force",
            "account_id",
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[int] = primary_key()
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[str]
    source: Mapped[str]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))


def is_in_force(at: Any, of: type[Sanction] = Sanction) -> ColumnElement[bool]:
    """Of bans and suspensions that have begun: neither lifted nor over at that moment (a time, or SQL for one)."""
    return and_(of.lifted_at.is_(None), or_(of.ends_at.is_(None), of.ends_at > at))
