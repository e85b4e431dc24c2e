"""Strikes as rows: they count against a person, under whichever of their accounts they were given.

What they lead to is moderation.ladder.
"""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from app.accounts import selves
from app.db import shared
from app.ids import new_id
from app.models import Account, Comment, Decision, Strike
from config.rules import Rule, SiteRules


def of(session: Session, account_id: int) -> list[Strike]:
    """All strikes that count against whoever has an account, revoked and expired ones too."""
    return list(session.scalars(_theirs(), {"account": account_id}))


@cache
def _theirs() -> Select[Strike]:
    """Put together once: that takes longer than the database takes to answer."""
    known = selves.of(bindparam("account"))
    theirs = select(Strike).where(Strike.account_id.in_(select(known.c.id)))
    return shared(theirs.execution_options(populate_existing=True))


def written_at(comment: Comment | None, named: Account | None, now: datetime) -> datetime:
    """When what is decided on was done: the text of `comment` written, or else the name of `named` taken."""
    if comment is not None:
        return comment.edited_at or comment.created_at
    return (named.name_changed_at or named.created_at) if named is not None else now


def new(rule: Rule, rules: SiteRules, written: datetime, now: datetime) -> Strike:
    """The strike that a breach of `rule` gives at `now`, as yet without its decision."""
    expires_at = now + timedelta(days=rules.strikes.decay_days)
    return Strike(rule=rule.id, points=rule.points, written_at=written, created_at=now, expires_at=expires_at)


def give(session: Session, decision: Decision, strike: Strike) -> None:
    """Add a `new` strike to the record of whom `decision` affects, who is told of it with the decision."""
    shift = decision.created_at - strike.created_at
    assert decision.account_id is not None
    strike.id, strike.account_id, strike.decision_id = new_id(), decision.account_id, decision.id
    strike.created_at, strike.expires_at = decision.created_at, strike.expires_at + shift
    session.add(strike)
    session.flush()
