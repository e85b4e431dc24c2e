"""What a moderator may decide, and what follows: a table of pure functions, of which each question names some."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import Malformed
from app.language import mark
from app.models import Strike
from app.models.comment import PUBLISHED, REMOVED, WITHHELD
from app.models.report import DISMISSED, UPHELD
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.moderation import strikes
from app.moderation.ladder import LadderStep, ProposedSanction, graver, step
from app.review_queue import kinds
from config.rules import Rule, SiteRules

LONGEST_SUSPENSION = 3650

VISIBILITY = {REMOVED: "visibility_removed", WITHHELD: "visibility_disabled"}
SANCTIONED = {WARNING: "warning", SUSPENSION: "account_suspended", BAN: "account_terminated"}


@dataclass(frozen=True)
class Choice:
    """What a moderator chose, and what it is judged by: the `strikes` of the reader so far, and when (`written_at`)
    they did what is decided on `at` this moment.

    `counted`: whether a breach gives a strike; history that was imported does not. `extends`: the sanction of the other
    reader who may have returned.
    """

    rules: SiteRules
    strikes: Sequence[Strike]
    written_at: datetime
    at: datetime
    rule: Rule | None = None
    days: int | None = None
    counted: bool = True
    extends: ProposedSanction | None = None


@dataclass(frozen=True)
class Ruling:
    """Who (None: the machine) decides what, under which rule, and why, in words that the affected reader may read."""

    actor_id: int | None
    action: str
    rule: Rule | None
    reason: str


@dataclass(frozen=True)
class DecisionEffect:
    """Everything that follows from a decision. `state` is the comment's new one, `reports` their outcome.

    `strike` is what a breach gives, and `step` what the ladder makes of it. `beneath` are sanctions that stand behind a
    graver one: should that one fall alone, they are what is left. `settles`: a person has now decided, so what the
    machine imposed for the time being ends.
    """

    state: str | None = None
    sanction: ProposedSanction | None = None
    beneath: ProposedSanction | None = None
    strike: Strike | None = None
    step: LadderStep | None = None
    resets_name: bool = False
    lifts: bool = False
    reports: str | None = None
    settles: bool = False

    @property
    def restrictions(self) -> list[str]:
        """Codes of what is taken from somebody; whoever causes one owes them a statement of reasons."""
        found = [VISIBILITY.get(self.state or ""), SANCTIONED[self.sanction.kind] if self.sanction else None]
        return [code for code in (*found, "name_reset" if self.resets_name else None) if code]


def approve(_choice: Choice) -> DecisionEffect:
    """There is nothing wrong with it: a comment is published, what was proposed goes ahead."""
    return DecisionEffect(state=PUBLISHED, reports=DISMISSED, settles=True)


def remove(choice: Choice) -> DecisionEffect:
    """It breaks a rule, and goes."""
    return _breach(choice, None, DecisionEffect(state=REMOVED))


def remove_only(choice: Choice) -> DecisionEffect:
    """It breaks a rule, and goes; its author gets no strike for it."""
    _required(choice.rule)
    return DecisionEffect(state=REMOVED, reports=UPHELD, settles=True)


def warn(choice: Choice) -> DecisionEffect:
    """It goes, and its author must acknowledge a warning before they write again."""
    return _breach(choice, ProposedSanction(WARNING), DecisionEffect(state=REMOVED))


def suspend(choice: Choice) -> DecisionEffect:
    """It goes, and its author may not write for some days."""
    if choice.days is None or not 0 < choice.days <= LONGEST_SUSPENSION:
        raise Malformed("days_required", mark("Please say for how many days."), field="days")
    return _breach(choice, ProposedSanction(SUSPENSION, timedelta(days=choice.days)), DecisionEffect(state=REMOVED))


def ban(choice: Choice) -> DecisionEffect:
    """It goes, and its author may never write again."""
    return _breach(choice, ProposedSanction(BAN), DecisionEffect(state=REMOVED))


def keep_ban(choice: Choice) -> DecisionEffect:
    """Who was banned in the old system is banned here; what they did there gives no strike."""
    _required(choice.rule)
    return DecisionEffect(sanction=ProposedSanction(BAN), reports=UPHELD, settles=True)


def reset_name(choice: Choice) -> DecisionEffect:
    """The display name breaks a rule, and is taken away."""
    return _breach(choice, None, DecisionEffect(resets_name=True))


def dismiss(_choice: Choice) -> DecisionEffect:
    """Nothing follows."""
    return DecisionEffect(reports=DISMISSED)


def confirm(choice: Choice) -> DecisionEffect:
    """Who pays is who was banned or suspended, so that is what they are as well."""
    if choice.extends is None:
        raise Malformed("nothing_to_extend", mark("The other reader may write again."), field="action")
    return _breach(choice, choice.extends, DecisionEffect())


def settle(_choice: Choice) -> DecisionEffect:
    """It is as it should be, or should not be; what follows from that is in moderation.payer_decisions."""
    return DecisionEffect(reports=DISMISSED)


def lift(_choice: Choice) -> DecisionEffect:
    """Bans and suspensions of the account end."""
    return DecisionEffect(lifts=True, reports=DISMISSED)


Action = Callable[[Choice], DecisionEffect]
# what takes a comment down, whatever else it does, in the order of their buttons
REMOVALS = ("remove", "remove_only", "warn", "suspend", "ban")
ACTIONS: dict[str, Action] = {
    "approve": approve,
    "remove": remove,
    "remove_only": remove_only,
    "warn": warn,
    "suspend": suspend,
    "ban": ban,
    "keep_ban": keep_ban,
    "reset_name": reset_name,
    "dismiss": dismiss,
    "lift": lift,
    "confirm": confirm,
    "allow": settle,
    "refuse": settle,
}


def effect_of(question: str, action: str, choice: Choice) -> DecisionEffect:
    """What `action` entails as the answer to `question` (review_queue.kinds).

    Raises Malformed: unknown_action, rule_required, days_required, nothing_to_extend.
    """
    if action not in answers(question):
        raise Malformed("unknown_action", mark("This cannot be decided here."), field="action")
    return ACTIONS[action](choice)


def answers(question: str) -> list[str]:
    """The actions of this table that answer a question; appeals are answered elsewhere."""
    return [action for action in kinds.in_use().question(question).actions if action in ACTIONS]


def _breach(choice: Choice, chosen: ProposedSanction | None, effect: DecisionEffect) -> DecisionEffect:
    """A rule was broken: a strike, and the graver of the moderator's sanction and the ladder's."""
    rule = _required(choice.rule)
    strike = strikes.new(rule, choice.rules, choice.written_at, choice.at) if choice.counted and rule.points else None
    found = step(choice.strikes, strike, choice.rules) if strike else None
    by_ladder = found.sanction if found else None
    sanction = chosen if found and found.repeats else graver(chosen, by_ladder)
    other = chosen if sanction is by_ladder else by_ladder
    is_needed = other is chosen or graver(chosen, other) is other
    return DecisionEffect(
        state=effect.state,
        resets_name=effect.resets_name,
        sanction=sanction,
        beneath=other if is_needed else None,
        strike=strike,
        step=found,
        reports=UPHELD,
        settles=True,
    )


def _required(rule: Rule | None) -> Rule:
    if rule is None:
        raise Malformed("rule_required", mark("Please name the rule that is broken."), field="rule")
    return rule
