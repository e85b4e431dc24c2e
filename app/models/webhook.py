from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

# what a newspaper's systems can be told of
COMMENT_PUBLISHED, COMMENT_HELD, COMMENT_REMOVED = "comment.published", "comment.held", "comment.removed"
READER_BANNED, STORY_OPENED = "reader.banned", "story.opened"
EVENTS = (COMMENT_PUBLISHED, COMMENT_HELD, COMMENT_REMOVED, READER_BANNED, STORY_OPENED)
# why nothing is sent there any more: the receiver said so (410), or nothing arrived for days
GONE, FAILING = "gone", "failing"


class Webhook(Model):
    """Where a system of a newspaper is told what has happened, and how it has answered lately.

    Its secrets stand nowhere: they follow from its id, the generation and a key of ours (webhooks.signature).
    """

    __tablename__ = "webhooks"
    __table_args__ = (UniqueConstraint("site_id", "name"), one_of("paused_for", (GONE, FAILING)))

    id: Mapped[int] = primary_key()
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    # what the operator calls it
    name: Mapped[str]
    url: Mapped[str]
    events: Mapped[list[str]]
    # grows with every rotation of its secret
    generation: Mapped[int] = mapped_column(default=1)
    rotated_at: Mapped[datetime | None]
    # until then nobody else sends there: somebody does, or it rests after failures
    free_at: Mapped[datetime]
    # in a row, and since when
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    paused_for: Mapped[str | None]
    created_at: Mapped[datetime]
