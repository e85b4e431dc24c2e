"""What is left of the ladder's sanctions when a strike falls: what the strikes that still stand lead to, and no more.

A sanction of the ladder rests on all the strikes before it. Whoever decided it chose none of that, so nobody need ask
them again. What a moderator chose is not touched.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import sanctions
from app.models import Account, Decision, Sanction, Strike
from app.models.sanction import WARNING, is_in_force
from app.moderation import ladder, rulings, strikes
from app.moderation.ladder import LADDER, ProposedSanction
from app.moderation.locked_subjects import LockedSubject
from app.stories import sites
from config.policy import HouseRules


def after_revocation(session: Session, house: HouseRules, subject: LockedSubject, decision: Decision) -> None:
    """Let the sanctions of whoever `subject` (locked) affects follow from the strikes that `decision` has left."""
    every = strikes.of(session, subject.account.id)
    if not any(strike.revoked_by == decision.id for strike in every):
        return
    for strike in ladder.standing_strikes(every):
        is_less, due = _falls_to(session, house, every, strike)
        if is_less:
            _soften(session, house, strike, due, decision)


def restore(session: Session, house: HouseRules, sanction: Sanction, decision: Decision) -> None:
    """Put `sanction` (its account locked) in force again, now that `decision` takes back what had lifted it; where
    strikes have fallen meanwhile, what the ladder makes of its own is imposed in its place."""
    every = strikes.of(session, sanction.account_id) if sanction.source == LADDER else []
    for strike in every:
        if strike.decision_id == sanction.decision_id:
            is_less, due = _falls_to(session, house, every, strike)
            if is_less and not _is_that(sanction, strike, due):
                sanction.lifted_by = decision.id
                _impose(session, strike, due)
                return
    sanctions.restore(session, sanction)


def _falls_to(
    session: Session, house: HouseRules, every: Sequence[Strike], strike: Strike
) -> tuple[bool, ProposedSanction | None]:
    """Whether the ladder makes less of a strike that stands than it did when it was given, since others of `every` have
    fallen; and what it makes of it now."""
    rules = sites.rules_at(session, session.get_one(Decision, strike.decision_id).site_id, house)
    given = [_unrevoked(each) for each in every if each.revoked_by is None or each.revoked_by > strike.decision_id]
    led_to = ladder.step(_earlier(given, strike), _unrevoked(strike), rules).sanction
    due = ladder.step(_earlier(ladder.standing_strikes(every), strike), strike, rules).sanction
    return led_to is not None and (due is None or due.gravity < led_to.gravity), due


def _earlier(found: Sequence[Strike], strike: Strike) -> list[Strike]:
    return [each for each in found if (each.created_at, each.id) < (strike.created_at, strike.id)]


def _unrevoked(strike: Strike) -> Strike:
    copied = ("id", "points", "written_at", "created_at", "expires_at")
    return Strike(**{name: getattr(strike, name) for name in copied})


def _soften(
    session: Session, house: HouseRules, strike: Strike, due: ProposedSanction | None, decision: Decision
) -> None:
    """In place of what the ladder made of `strike`, what it makes of it now."""
    imposed = Sanction.decision_id == strike.decision_id, Sanction.source == LADDER, is_in_force(clock.now())
    found = [each for each in session.scalars(select(Sanction).where(*imposed)) if not _is_that(each, strike, due)]
    rulings.lift(session, house, found, decision)
    if found:
        _impose(session, strike, due)


def _impose(session: Session, strike: Strike, due: ProposedSanction | None) -> None:
    ends_at = _end(strike, due)
    if due is None or (ends_at is not None and ends_at <= clock.now()):
        return
    account = session.get_one(Account, strike.account_id)
    again = sanctions.impose(session, account, due.kind, LADDER, strike.decision_id, ends_at)
    if again.kind == WARNING:
        again.acknowledged_at = clock.now()  # they were told of worse


def _is_that(sanction: Sanction, strike: Strike, due: ProposedSanction | None) -> bool:
    """Whether it is what is due for `strike`, as it was imposed when another one fell."""
    return due is not None and (sanction.kind, sanction.ends_at) == (due.kind, _end(strike, due))


def _end(strike: Strike, due: ProposedSanction | None) -> datetime | None:
    return strike.created_at + due.length if due and due.length else None
