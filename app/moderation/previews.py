"""What each decision on an item would entail under each rule, before it is taken. Pure."""

from app.models.sanction import BAN, SUSPENSION
from app.moderation import strikes
from app.moderation.actions import Choice, DecisionEffect, answers, effect_of
from app.moderation.casefile import Casefile
from app.moderation.ladder import same_as
from app.moderation.queue_kinds import Appealed
from app.moderation.reader_record import ReaderRecord
from app.review_queue import items, kinds
from app.review_queue.kinds import Question
from app.signals import families
from config.rules import SiteRules


def actions(case: Casefile) -> tuple[str, ...]:
    """What may be decided on the item."""
    impossible = set() if case.liftable else {"lift"}
    if not _restricted(case.other):
        impossible.add("confirm")
    if case.record is not None and case.record.neutral_name:
        impossible.add("reset_name")
    return tuple(action for action in _asked(case).actions if action not in impossible)


def barred(case: Casefile) -> str | None:
    """Why the moderator who views it may not decide: it is too near to them (moderation.distance), or they made the
    decision that is appealed against. None if they may.
    """
    decider = case.details.decided.decision.actor_id if isinstance(case.details, Appealed) else None
    return items.OWN_CASE if decider in case.own else case.barred


def effects(case: Casefile, rules: SiteRules) -> dict[str, dict[str, DecisionEffect]]:
    """{rule: {action: what follows}} if decided now; a suspension is taken as one of a day."""
    return {rule.id: _under(case, rules, rule.id) for rule in rules.rules} if case.record else {}


def least(case: Casefile, found: dict[str, dict[str, DecisionEffect]]) -> dict[str, DecisionEffect]:
    """{rule: what follows at least if it is found broken}: the strike, and what the ladder adds."""
    action = _asked(case).least
    return {rule: effects[action] for rule, effects in found.items() if action in effects} if action else {}


def likely_rule(case: Casefile, rules: SiteRules) -> str | None:
    """The rule that most reporters name, or else the one that the strongest signal breaks."""
    if case.row.rules:
        return case.row.rules.most_common(1)[0][0]
    rule = _asked(case).rule
    if rule and rules.rule(rule):
        return rule
    found = case.row.assessment
    return families.rule(found.signals, found.reasons, rules) if found else None


def _under(case: Casefile, rules: SiteRules, rule_id: str) -> dict[str, DecisionEffect]:
    record, comment = case.record, case.row.comment
    assert record is not None
    counted = comment is None or comment.origin != "import"
    extends = same_as(case.other.standing, case.other.at) if case.other else None
    named = record.account if case.item.subject_type == kinds.ACCOUNT else None
    written_at = strikes.written_at(comment, named, record.at)
    choice = Choice(
        rules, record.everywhere, written_at, record.at, rules.rule(rule_id), days=1, counted=counted, extends=extends
    )
    question = case.row.question
    possible = [each for each in answers(question) if each != "confirm" or extends]
    return {action: effect_of(question, action, choice) for action in possible}


def _restricted(record: ReaderRecord | None) -> bool:
    return record is not None and record.standing.kind in (SUSPENSION, BAN)


def _asked(case: Casefile) -> Question:
    return kinds.in_use().question(case.row.question)
