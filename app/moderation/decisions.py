"""A moderator decides on an item: once, on what they saw. Decisions are added, never changed."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app import clock
from app.accounts import names, ranks, selves, standing
from app.accounts.identity import Identity
from app.errors import Conflict, Forbidden, Malformed, NotFound
from app.language import mark
from app.models import Decision
from app.models.payment_case import POSSIBLE_RETURN
from app.models.role import MODERATOR
from app.moderation import appeals, locked_subjects, rulings, strikes
from app.moderation.actions import Choice, DecisionEffect, Ruling, effect_of
from app.moderation.ladder import ProposedSanction, same_as
from app.moderation.locked_subjects import LockedSubject
from app.payers import payment_cases
from app.review_queue import items, kinds
from app.stories import sites
from config.policy import HouseRules
from config.rules import SiteRules

LIFT = DecisionEffect(lifts=True)


@dataclass(frozen=True)
class Intent:
    """What a moderator means to decide on an item, on the revision of it that they saw.

    `action` is one of moderation.actions, `rule` the one that is broken, `reason` in words; `days` are of a suspension.
    """

    item_id: int
    seen_revision: int
    action: str
    rule: str | None = None
    reason: str = ""
    days: int | None = None


def decide(session: Session, house: HouseRules, actor: Identity, intent: Intent) -> Decision:
    """Decide an open item as intended.

    Raises NotFound (no such item, or no role at its site or at one whose sanction it would lift), Forbidden (own_case,
    outranked, same_moderator), Conflict (stale, with the present revision; neutral_name), Malformed
    (unknown_action, unknown_rule, rule_required, reason_required, days_required, nothing_to_extend).
    """
    subject = locked_subjects.of_item(session, actor, intent.item_id, intent.seen_revision)
    assert subject.item is not None
    if subject.item.kind == appeals.APPEAL:
        reply = items.checked_reason(intent.reason)
        return appeals.answer(session, house, subject, actor, intent.action, reply)
    choice = _choice(session, sites.rules_at(session, subject.site_id, house), subject, intent)
    effect = effect_of(subject.question or subject.item.kind, intent.action, choice)
    if effect.restrictions or effect.lifts or (subject.kind and subject.kind.notified):
        items.checked_reason(intent.reason)
    if effect.resets_name:
        names.require_chosen(subject.account)
    if effect.lifts:
        _imposed_within_reach(session, actor, subject.account.id)
    ruling = Ruling(actor.account_id, intent.action, choice.rule, intent.reason.strip())
    return rulings.carry_out(session, house, subject, ruling, effect)


def lift(session: Session, house: HouseRules, actor: Identity, account_id: int, reason: str) -> Decision:
    """End every ban and suspension of an account, for a reason: with an undo, the only way that a ban ends.

    Raises NotFound unless `actor` moderates every site that imposed one, Forbidden (own_case,
    outranked), Malformed (reason_required), Conflict (nothing_to_lift).
    """
    reason = items.checked_reason(reason)
    if account_id in selves.own(session, actor.account_id):
        raise Forbidden("own_case", items.OWN_CASE)
    account = locked_subjects.locked_person(session, account_id)
    imposed_at = _imposed_within_reach(session, actor, account_id)
    if not imposed_at:
        raise Conflict("nothing_to_lift", mark("This account is neither banned nor suspended."))
    subject = LockedSubject(imposed_at[-1], kinds.ACCOUNT, account_id, account)
    return rulings.carry_out(session, house, subject, Ruling(actor.account_id, "lift", None, reason), LIFT)


def may_lift(session: Session, actor: Identity, account_id: int) -> bool:
    """Whether there is a ban or suspension that `actor` could `lift`."""
    try:
        return actor.account_id != account_id and bool(_imposed_within_reach(session, actor, account_id))
    except (NotFound, Forbidden):
        return False


def _imposed_within_reach(session: Session, actor: Identity, account_id: int) -> list[int]:
    """Who imposed the bans and suspensions in force, as sites.

    Raises NotFound unless `actor` moderates them all, Forbidden (outranked) unless they are above the account at each.
    """
    imposed_at = rulings.sites_of_sanctions(session, account_id)
    if not all(actor.has_role(MODERATOR, site_id) for site_id in imposed_at):
        raise NotFound
    for site_id in imposed_at:
        ranks.require_above(session, actor.account_id, account_id, site_id)
    return imposed_at


def _other(session: Session, subject: LockedSubject) -> ProposedSanction | None:
    """The sanction that the other reader of a possible return is under."""
    if subject.question != POSSIBLE_RETURN:
        return None
    other = payment_cases.others(session, [subject.id])[subject.id]
    assert other is not None
    return same_as(standing.read(session, other), clock.now())


def _choice(session: Session, rules: SiteRules, subject: LockedSubject, intent: Intent) -> Choice:
    found = rules.rule(intent.rule) if intent.rule else None
    if intent.rule and found is None:
        raise Malformed("unknown_rule", mark("Please choose one of the rules."), field="rule")
    named, now = subject.account if subject.type == kinds.ACCOUNT else None, clock.now()
    return Choice(
        rules=rules,
        strikes=strikes.of(session, subject.account.id),
        written_at=strikes.written_at(subject.comment, named, now),
        at=now,
        rule=found,
        days=intent.days,
        # strikes do not apply to history
        counted=subject.comment is None or subject.comment.origin != "import",
        extends=_other(session, subject),
    )
