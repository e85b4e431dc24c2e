from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class KnownPlace(Model):
    """A network from which an account was entered: kept as a digest, for a while, and until the next password."""

    __tablename__ = "known_places"

    # of the account's address and the network
    place: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    used_at: Mapped[datetime] = mapped_column(index=True)
