from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class ApiKeyDay(Model):
    """What became of the requests that came with a key on one day."""

    __tablename__ = "api_key_days"

    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id"), primary_key=True, autoincrement=False)
    # when it began, in the paper's time zone
    began_at: Mapped[datetime] = mapped_column(primary_key=True)
    answered: Mapped[int]
    refused: Mapped[int]
    over_quota: Mapped[int]
