"""What each decision on an item would entail under each rule, before it is taken. Pure."""

from app.models.payment_case import POSSIBLE_RETURN
from app.models.sanction import BAN, SUSPENSION
from app.moderation.actions import ACTIONS, Choice, Effect, effect_of
from app.moderation.casefile import Casefile
from app.moderation.ladder import same_as
from app.moderation.reader_record import Record
from config.policy import SiteRules

# the rule that a banned reader breaks who comes back
ONE_ACCOUNT = "honesty"
APPEAL_ACTIONS = ("uphold", "overturn")
# the least that breaking a rule entails, by what is asked
_LEAST = {"comment": "remove", "notice": "remove", "account": "reset_name", "possible_return": "confirm"}


def actions(case: Casefile) -> tuple[str, ...]:
    """What may be decided on the item."""
    if case.item.kind == "appeal":
        return APPEAL_ACTIONS
    impossible = set() if _restricted(case.record) else {"lift"}
    if not _restricted(case.other):
        impossible.add("confirm")
    return tuple(action for action in ACTIONS.get(case.row.question, ()) if action not in impossible)


def barred(case: Casefile, account_id: int) -> bool:
    """Whether a moderator is part of the case: affected, a reporter, or whose decision is appealed against."""
    reporters = {seen.reporter.id for seen in case.reports}
    decider = case.appealed.decision.actor_id if case.appealed else None
    return account_id in {case.item.account_id, decider, *reporters, *case.parties}


def effects(case: Casefile, rules: SiteRules) -> dict[str, dict[str, Effect]]:
    """{rule: {action: what follows}} if decided now; a suspension is taken as one of a day."""
    return {rule.id: _under(case, rules, rule.id) for rule in rules.rules} if case.record else {}


def least(case: Casefile, found: dict[str, dict[str, Effect]]) -> dict[str, Effect]:
    """{rule: what follows at least if it is found broken}: the strike, and what the ladder adds."""
    action = _LEAST.get(case.row.question)
    return {rule: effects[action] for rule, effects in found.items() if action in effects} if action else {}


def likely_rule(case: Casefile, rules: SiteRules) -> str | None:
    """The rule that most reporters name, or else the one that the strongest signal breaks."""
    if case.row.rules:
        return case.row.rules.most_common(1)[0][0]
    if case.row.question == POSSIBLE_RETURN and rules.rule(ONE_ACCOUNT):
        return ONE_ACCOUNT
    reasons = case.row.assessment.reasons if case.row.assessment else []
    attributes = [reason.removeprefix("score.") for reason in reasons]
    return next((rules.machine.rules[name] for name in attributes if name in rules.machine.rules), None)


def _under(case: Casefile, rules: SiteRules, rule_id: str) -> dict[str, Effect]:
    counted = case.row.comment is None or case.row.comment.origin != "import"
    points = case.record.points if case.record else 0
    extends = same_as(case.other.standing, case.other.at) if case.other else None
    choice = Choice(rules, rules.rule(rule_id), days=1, points=points, counted=counted, extends=extends)
    question = case.row.question
    possible = [each for each in ACTIONS.get(question, {}) if each != "confirm" or extends]
    return {action: effect_of(question, action, choice) for action in possible}


def _restricted(record: Record | None) -> bool:
    return record is not None and record.standing.kind in (SUSPENSION, BAN)
