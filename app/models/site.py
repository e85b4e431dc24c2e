from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, primary_key


class Site(Model):
    """One newspaper of the installation. Accounts and bans span the sites; stories and queues belong to one."""

    __tablename__ = "sites"

    id: Mapped[int] = primary_key()
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    # scheme://host[:port], where stories may live and browsers may call the API from
    origins: Mapped[list[str]]
    # overrides of config/policy.toml, in its own shape
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Stripe product or price ids of which a subscription lets its owner write here
    products: Mapped[list[str]] = mapped_column(default=list)
    # whether common ground is sought here: where it is wanted and enough readers react; changed only by common_ground
    seeks_common_ground: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
