from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class PaperEntitlement(Model):
    """The paper's own site says that a reader may write: for a printed paper, a seat of a company, a shop of apps."""

    __tablename__ = "paper_entitlements"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    until: Mapped[datetime]
