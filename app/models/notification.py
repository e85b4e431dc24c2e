from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

# of a comment: somebody answers theirs, names them, a moderator lets theirs appear, an editor picks it; of a statement:
# something is decided about them; of a report of theirs: it is answered
REPLY, MENTION, PUBLISHED, PICK = OF_COMMENTS = ("reply", "mention", "published", "pick")
DECISION, REPORT = "decision", "report"
KINDS = (*OF_COMMENTS, DECISION, REPORT)
_UNREAD = text("read_at IS NULL")
_DUE = text("due_at IS NOT NULL")


class Notification(Model):
    """Something that a reader is told: by the bell, and by a letter if they want one."""

    __tablename__ = "notifications"
    __table_args__ = (
        one_of("kind", KINDS),
        UniqueConstraint("account_id", "kind", "subject_id"),
        Index("ix_notifications_account", "account_id", "id"),
        Index("ix_notifications_unread", "account_id", "site_id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
        Index("ix_notifications_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_notifications_letter", "letter_id"),
    )

    id: Mapped[int] = primary_key()
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str]
    # the id of a comment, of a statement or of a report, by the kind
    subject_id: Mapped[int]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    # none of a statement or of a report on a name
    story_id: Mapped[int | None] = mapped_column(ForeignKey("stories.id"))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    # when a letter about it is to be written; none if there is none to write, or it has been written: `letter_id`
    due_at: Mapped[datetime | None]
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id"))
