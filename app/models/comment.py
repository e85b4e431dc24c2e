from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

# published: everyone reads it; held: waits for a moderator; withheld: taken down by the machine, waits for a moderator;
# removed: taken down by a person; deleted: taken back by its author
PUBLISHED, HELD, WITHHELD, REMOVED, DELETED = "published", "held", "withheld", "removed", "deleted"
STATES = (PUBLISHED, HELD, WITHHELD, REMOVED, DELETED)
ORIGINS = ("site", "import")
_PUBLISHED = text("state = 'published'")
_WAITING = text("state IN ('held', 'withheld')")
_COMMON_GROUND = text("common_ground > 0")


class Comment(Model):
    """One comment as it stands. Its earlier texts are revisions; what was decided about it are decisions."""

    __tablename__ = "comments"
    __table_args__ = (
        one_of("state", STATES),
        one_of("origin", ORIGINS),
        UniqueConstraint("root_id", "position"),
        # roots of a story by age, by respect and by replies; a reader's own comments and rate; nothing else is paged
        # by readers
        Index("ix_comments_story_roots", "story_id", "depth", "id"),
        Index("ix_comments_story_respect", "story_id", "depth", "respect_count", "id"),
        Index("ix_comments_story_discussed", "story_id", "depth", "conversation_count", "id"),
        Index("ix_comments_story_common_ground", "story_id", "depth", "common_ground", "id"),
        # the newest of a story and of a newspaper, for feeds
        Index("ix_comments_story_newest", "story_id", "id", sqlite_where=_PUBLISHED, postgresql_where=_PUBLISHED),
        Index("ix_comments_site_newest", "site_id", "id", sqlite_where=_PUBLISHED, postgresql_where=_PUBLISHED),
        # what is new to whoever follows a story
        Index(
            "ix_comments_story_published",
            "story_id",
            "published_number",
            sqlite_where=_PUBLISHED,
            postgresql_where=_PUBLISHED,
        ),
        Index("ix_comments_account", "account_id", "id"),
        Index("ix_comments_parent", "parent_id", "id"),
        Index("ix_comments_picked", "story_id", "id", sqlite_where=text("picked = 1"), postgresql_where=text("picked")),
        Index(
            "ix_comments_common_ground", "site_id", "id", sqlite_where=_COMMON_GROUND, postgresql_where=_COMMON_GROUND
        ),
        # what of a story waits for a moderator, shown to its author alone
        Index("ix_comments_waiting", "account_id", "story_id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[int] = primary_key()
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"))
    # the first comment of the conversation (itself, for a root) and the place in it: 0 for the root, then in order of
    # arrival. A page reads the first few positions of each root, whatever the size of the conversation.
    root_id: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)
    last_position: Mapped[int] = mapped_column(default=0)
    depth: Mapped[int] = mapped_column(default=0)
    text: Mapped[str]
    # digest of the folded text: the same comment twice in a minute
    text_digest: Mapped[str]
    state: Mapped[str]
    origin: Mapped[str] = mapped_column(default="site")
    revision: Mapped[int] = mapped_column(default=1)
    respect_count: Mapped[int] = mapped_column(default=0)
    # published direct replies; changed only by stories.publication
    reply_count: Mapped[int] = mapped_column(default=0)
    # of a root, published replies in its conversation; changed only by stories.publication
    conversation_count: Mapped[int] = mapped_column(default=0)
    report_count: Mapped[int] = mapped_column(default=0)
    # an editor's pick, as long as it is published as it was; changed only by stories.publication
    picked: Mapped[bool] = mapped_column(default=False)
    # how far readers who usually disagree both respect it as it is, in hundredths of a vote; 0 where too few do, or
    # nobody has looked. Changed only by stories.publication
    common_ground: Mapped[int] = mapped_column(default=0)
    # which of its story it was when it was first published, from 1 on; brought-in history has none, since it is news to
    # nobody. Changed only by stories.publication
    published_number: Mapped[int | None]
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]


# as the indexes have it: of a parameter SQLite cannot tell
IS_PUBLISHED = Comment.state == literal_column(f"'{PUBLISHED}'")


class Revision(Model):
    """The text of a comment at one revision, kept so that a moderator sees what was reported."""

    __tablename__ = "comment_revisions"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    created_at: Mapped[datetime]
