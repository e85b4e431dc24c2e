"""Strikes: points that count against a person, under whichever of their accounts they were given."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.accounts import selves
from app.models import Strike


def against(account_id: int) -> ColumnElement[bool]:
    """The condition of the strikes that count against whoever has an account."""
    return Strike.account_id.in_(select(selves.of(account_id).c.id))


def read(session: Session, account_id: int) -> Sequence[Strike]:
    """All of them, expired and revoked ones too."""
    return session.scalars(select(Strike).where(against(account_id)).execution_options(populate_existing=True)).all()
