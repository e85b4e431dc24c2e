from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of
from app.models.notification import MENTION, PICK, PUBLISHED, REPLY, REPORT

FOLLOW = "follow"
# what a reader may choose to have letters about; a statement of reasons comes in any case, by a letter of its own
CHOICES = (REPLY, MENTION, PUBLISHED, PICK, REPORT, FOLLOW)
AT_ONCE, DAILY, NEVER = FREQUENCIES = ("at_once", "daily", "never")


class LetterChoice(Model):
    """How often a reader wants letters about something, where it is not as usual (notifications.choices)."""

    __tablename__ = "letter_choices"
    __table_args__ = (one_of("kind", CHOICES), one_of("frequency", FREQUENCIES))

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    frequency: Mapped[str]
