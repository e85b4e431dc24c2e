from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, one_of, primary_key

ACTIVE, ERASED = "active", "erased"
SITE, IMPORT = ORIGINS = "site", "import"
# a moderator's exception stands for a match
MATCH, MISMATCH, EXCEPTION = "match", "mismatch", "exception"
AGREED = (MATCH, EXCEPTION)


class Account(Model):
    """A person to us: a name, an address, and what their privileges are computed from."""

    __tablename__ = "accounts"
    __table_args__ = (
        one_of("state", (ACTIVE, ERASED)),
        one_of("origin", ORIGINS),
        one_of("name_check", (MATCH, MISMATCH, EXCEPTION)),
    )

    id: Mapped[int] = primary_key()
    # as it was typed, for letters; null for imported authors and after erasure
    email: Mapped[str | None]
    # keyed digest of the canonical address: one account per mailbox, however it is spelt
    email_token: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    # what the name looks like (Unicode skeleton): nobody may look like somebody else
    name_skeleton: Mapped[str] = mapped_column(unique=True)
    name_changed_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    # since when their mail server says that there is no such mailbox; until they confirm it again
    mail_refused_at: Mapped[datetime | None]
    # the version of the rules that was accepted last
    rules_version: Mapped[str | None]
    # whether the display name agrees with the billing name, which itself is not kept; null: not compared yet
    name_check: Mapped[str | None]
    # their reactions are left out where common ground is sought
    reactions_left_out: Mapped[bool] = mapped_column(default=False)
    # log-ins and tokens carry it; raising it ends them all at once
    session_epoch: Mapped[int] = mapped_column(default=0)
    # what the log-in of the paper's own site says they speak; null: what the house speaks
    language: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=ACTIVE)
    origin: Mapped[str] = mapped_column(default="site")
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]
