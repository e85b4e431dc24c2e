from datetime import datetime, time

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

OPEN, CLOSED, PREMODERATED = STATES = ("open", "closed", "premoderated")
# whose word is the paper's, the weakest first: the operator's file, a page's signature, staff
IMPORT, SIGNATURE, STAFF = NAMED_BY = ("import", "signature", "staff")
_NAMED = text("named_by IS NOT NULL")


class Story(Model):
    """An article that is commented on, known to the paper by its own key and address.

    Until the paper has named it, it has no title, the address that a reader gave, which stands in the place of one, and
    on the front page only a place that no named one needs.
    """

    __tablename__ = "stories"
    __table_args__ = (
        UniqueConstraint("site_id", "key"),
        one_of("state", STATES),
        one_of("named_by", NAMED_BY),
        Index("ix_stories_named", "id", sqlite_where=_NAMED, postgresql_where=_NAMED),
    )

    id: Mapped[int] = primary_key()
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    key: Mapped[str]
    url: Mapped[str]
    # empty until somebody has named it whose word is the paper's: NAMED_BY
    title: Mapped[str]
    named_by: Mapped[str | None]
    # on what terms it takes comments: see stories.terms
    state: Mapped[str] = mapped_column(default=OPEN)
    opens: Mapped[time | None]
    closes: Mapped[time | None]
    closes_at: Mapped[datetime | None]
    slow_seconds: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(default="")
    # whether a subscription that lets its reader write at another newspaper of the house, too, is not enough
    title_only: Mapped[bool] = mapped_column(default=False)
    # its article carries the comments: a reader has written from there
    embedded: Mapped[bool] = mapped_column(default=False)
    # grows with every change that readers can see: the ETag of its pages
    revision: Mapped[int] = mapped_column(default=0)
    # published comments; changed only by stories.publication
    comment_count: Mapped[int] = mapped_column(default=0)
    # how many comments have ever been published here, each counted once: the last Comment.published_number
    published_count: Mapped[int] = mapped_column(default=0)
    # how many of the published ones are picks, and which one stands first (no foreign key: comments refer to their
    # story); changed only by stories.publication
    pick_count: Mapped[int] = mapped_column(default=0)
    pinned_id: Mapped[int | None]
    # how many of its conversations begin with common ground; changed only by stories.publication
    common_ground_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
