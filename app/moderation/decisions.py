"""A moderator decides on an item: once, on what they saw. Decisions are added, never changed."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import standing
from app.accounts.identity import Identity
from app.errors import Conflict, Forbidden, Malformed, NotFound
from app.language import mark
from app.models import Account, Comment, Decision, Strike
from app.models.payment_case import POSSIBLE_RETURN
from app.models.role import MODERATOR
from app.moderation import appeals, locked_subjects, rulings
from app.moderation.actions import Choice, Effect, Ruling, effect_of
from app.moderation.ladder import Sentence, points_in_force, same_as
from app.moderation.locked_subjects import Matter
from app.review_queue import items, kinds
from app.stories import sites
from config.policy import HouseRules, SiteRules

LIFT = Effect(lifts=True)


def decide(
    session: Session,
    house: HouseRules,
    actor: Identity,
    item_id: int,
    seen_revision: int,
    action: str,
    rule: str | None = None,
    reason: str = "",
    days: int | None = None,
) -> Decision:
    """Decide an open item by `action` (moderation.actions), with the rule that is broken and the reason in words.

    Raises NotFound (no such item, or no role at its site or at one whose sanction it would lift), Forbidden (own_case,
    same_moderator), Conflict (stale, with the present revision), Malformed (unknown_action, unknown_rule,
    rule_required, reason_required, days_required, nothing_to_extend).
    """
    matter = locked_subjects.of_item(session, actor, item_id, seen_revision)
    rules = sites.rules_at(session, matter.site_id, house)
    assert matter.item is not None
    if matter.item.kind == kinds.APPEAL:
        return appeals.answer(session, house, matter, actor, action, items.checked_reason(reason))
    choice = replace(
        _choice(session, rules, matter.account.id, matter.comment, rule, days), extends=_other(session, matter)
    )
    effect = effect_of(matter.question or matter.item.kind, action, choice)
    if effect.restrictions or effect.lifts:
        items.checked_reason(reason)
    if effect.lifts:
        _require_reach(session, actor, matter.account.id)
    ruling = Ruling(actor.account_id, action, choice.rule, reason.strip())
    return rulings.carry_out(session, house, matter, ruling, effect)


def lift(session: Session, house: HouseRules, actor: Identity, account_id: int, reason: str) -> Decision:
    """End every ban and suspension of an account, for a reason: with an undo, the only way that a ban ends.

    Raises NotFound unless `actor` moderates every site that imposed one, Forbidden (own_case), Malformed
    (reason_required), Conflict (nothing_to_lift).
    """
    reason = items.checked_reason(reason)
    if actor.account_id == account_id:
        raise Forbidden("own_case", items.OWN_CASE)
    account = locked_subjects.locked(session, Account, account_id)
    imposed_at = _require_reach(session, actor, account_id)
    if not imposed_at:
        raise Conflict("nothing_to_lift", mark("This account is neither banned nor suspended."))
    matter = Matter(imposed_at[-1], kinds.ACCOUNT, account_id, account)
    return rulings.carry_out(session, house, matter, Ruling(actor.account_id, "lift", None, reason), LIFT)


def _require_reach(session: Session, actor: Identity, account_id: int) -> list[int]:
    """Who imposed the bans and suspensions in force, as sites. Raises NotFound unless `actor` moderates them all."""
    imposed_at = rulings.sites_of_sanctions(session, account_id)
    if not all(actor.has_role(MODERATOR, site_id) for site_id in imposed_at):
        raise NotFound
    return imposed_at


def _other(session: Session, matter: Matter) -> Sentence | None:
    """The sentence that the other reader of a possible return is under."""
    if matter.question != POSSIBLE_RETURN:
        return None
    (other,) = locked_subjects.parties(session, matter.subject_type, matter.subject_id)
    return same_as(standing.read(session, other), clock.now())


def _choice(
    session: Session, rules: SiteRules, account_id: int, comment: Comment | None, rule: str | None, days: int | None
) -> Choice:
    found = rules.rule(rule) if rule else None
    if rule and found is None:
        raise Malformed("unknown_rule", mark("Please choose one of the rules."), field="rule")
    strikes = session.scalars(select(Strike).where(Strike.account_id == account_id))
    return Choice(
        rules=rules,
        rule=found,
        days=days,
        points=points_in_force(strikes, clock.now()),
        # strikes do not apply to history
        counted=comment is None or comment.origin != "import",
    )
