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
    created_at: Mapped[datetime]
