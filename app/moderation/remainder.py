"""What is left of the ladder's sanctions when a strike falls: what the strikes that still stand lead to, and no more.

A sanction of the ladder rests on all the strikes before it. Whoever decided it chose none of that, so nobody need ask
them again. What a moderator chose is not touched.
"""

from collections.abc import Sequence

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
    before = [_unrevoked(strike) for strike in every if strike.revoked_by in (None, decision.id)]
    left = ladder.standing_strikes(every)
    for strike in left:
        rules = sites.rules_at(session, session.get_one(Decision, strike.decision_id).site_id, house)
        led_to = ladder.step(_earlier(before, strike), _unrevoked(strike), rules).sanction
        leads_to = ladder.step(_earlier(left, strike), strike, rules).sanction
        if led_to is not None and (leads_to is None or leads_to.gravity < led_to.gravity):
            _soften(session, house, strike, leads_to, decision)


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
    found = session.scalars(select(Sanction).where(*imposed)).all()
    rulings.lift(session, house, found, decision)
    ends_at = strike.created_at + due.length if due and due.length else None
    if not found or due is None or (ends_at is not None and ends_at <= clock.now()):
        return
    account = session.get_one(Account, strike.account_id)
    again = sanctions.impose(session, account, due.kind, LADDER, strike.decision_id, ends_at)
    if again.kind == WARNING:
        again.acknowledged_at = clock.now()  # they were told of worse
