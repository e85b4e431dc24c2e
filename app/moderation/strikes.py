"""Strikes as rows: they count against a person, under whichever of their accounts they were given."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import selves
from app.models import Strike


def of(session: Session, account_id: int) -> Sequence[Strike]:
    """All strikes that count against whoever has an account, revoked and expired ones too."""
    theirs = select(Strike).where(Strike.account_id.in_(select(selves.of(account_id).c.id)))
    return session.scalars(theirs.execution_options(populate_existing=True)).all()
