from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

# what becomes of a text in a language that the scorer does not read
UNREAD_LANGUAGES = REFUSE, AS_ENGLISH, SECOND = "refuse", "english", "second"
# what scores mean: the probability that the scorer gives, or what Google's of that meaning was
SCALES = OURS, GOOGLE = "ours", "google"
_IN_FORCE = text("revoked_at IS NULL")


class ApiKey(Model):
    """Lets a site's own programs have texts scored here. Only a keyed digest of it is kept."""

    __tablename__ = "api_keys"
    __table_args__ = (
        Index("uq_api_keys_in_force", "name", unique=True, sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE),
        one_of("unread_languages", UNREAD_LANGUAGES),
        one_of("scale", SCALES),
    )

    id: Mapped[int] = primary_key()
    # what the operator calls it; free again once it is revoked
    name: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    # requests that it may make
    per_second: Mapped[int]
    per_minute: Mapped[int]
    unread_languages: Mapped[str] = mapped_column(default=REFUSE)
    # an attribute that is not scored here, or not in that language, is left out of every answer, and refused otherwise
    drop_unsupported: Mapped[bool] = mapped_column(default=False)
    scale: Mapped[str] = mapped_column(default=OURS)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
