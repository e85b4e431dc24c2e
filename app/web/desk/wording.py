"""The desk's codes in words: why an item is here, what was decided, how long ago. Templates know each as a filter.

A code that has no words yet speaks for itself.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import Flask

from app import clock, formats
from app.billing import money
from app.language import _, mark
from app.models import Statement
from app.review_queue import kinds
from app.signals import families
from app.stories import sites
from app.web import rendering
from app.web.services import services
from app.web.sites import rules_of

# besides those that the machine gives (signals)
REASONS = {
    "undone": mark("A decision was undone"),
    "moderator": mark("A moderator came across it"),
    "old_ban": mark("Banned in the old system"),
}
ACTIONS = {
    "approve": mark("Approve"),
    "dismiss": mark("Dismiss"),
    "remove": mark("Remove"),
    "remove_only": mark("Remove only"),
    "warn": mark("Warn"),
    "suspend": mark("Suspend"),
    "ban": mark("Ban for good"),
    "keep_ban": mark("Ban here as well"),
    "reset_name": mark("Reset the name"),
    "lift": mark("Lift bans and suspensions"),
    "confirm": mark("Confirm: it is the same reader"),
    "allow": mark("Allow"),
    "refuse": mark("Refuse"),
    "uphold": mark("Let it stand"),
    "overturn": mark("Overturn"),
}
DONE = {
    "approve": mark("Approved"),
    "dismiss": mark("Dismissed"),
    "remove": mark("Removed"),
    "remove_only": mark("Removed without a strike"),
    "warn": mark("Warned"),
    "suspend": mark("Suspended"),
    "ban": mark("Banned for good"),
    "keep_ban": mark("Banned here as well"),
    "reset_name": mark("Name reset"),
    "lift": mark("Bans and suspensions lifted"),
    "confirm": mark("Return confirmed"),
    "allow": mark("Allowed"),
    "refuse": mark("Refused"),
    "uphold": mark("Appeal refused"),
    "overturn": mark("Appeal granted"),
    "undo": mark("Undone"),
    "withhold": mark("Withheld"),
}
# what a decision takes from an account
TAKEN = {
    "warning": mark("warned"),
    "account_suspended": mark("suspended until %(until)s"),
    "account_terminated": mark("banned for good"),
    "name_reset": mark("name taken away"),
}
STANDINGS = {
    "good": mark("in good standing"),
    "warning": mark("warned, not yet acknowledged"),
    "suspension": mark("suspended"),
    "ban": mark("banned"),
}
COMMENT_STATES = {
    "published": mark("published"),
    "held": mark("held"),
    "withheld": mark("withheld"),
    "removed": mark("removed"),
    "deleted": mark("deleted by its author"),
}
REPORT_OUTCOMES = {
    "waiting": mark("waiting"),
    "upheld": mark("upheld"),
    "dismissed": mark("dismissed"),
}
SANCTIONS = {
    "warning": mark("Warning"),
    "suspension": mark("Suspension"),
    "ban": mark("Ban"),
}
SANCTION_SOURCES = {
    "moderator": mark("by a moderator"),
    "machine": mark("by the machine"),
    "ladder": mark("by the strikes ladder"),
}
MATCHED = {
    "card": mark("the same card"),
    "bacs_debit": mark("the same bank account"),
    "sepa_debit": mark("the same bank account"),
    "us_bank_account": mark("the same bank account"),
    "acss_debit": mark("the same bank account"),
    "au_becs_debit": mark("the same bank account"),
    "paypal": mark("the same PayPal account"),
    "wallet": mark("the same wallet"),
    "customer": mark("the same customer at Stripe"),
    "link": mark("the same Link account"),
    "email": mark("the same e-mail address at the checkout"),
    "alike": mark("an address much like it"),
}
TERMINATION_METHODS = {
    "at_period_end": mark("End it with its period"),
    "now_with_refund": mark("End it now, with refund"),
    "paid_twice": mark("End the later of two, with what was paid twice"),
}
TERMINATION_STATES = {
    "proposed": mark("waits for another moderator"),
    "approved": mark("approved"),
    "refused": mark("refused"),
    "withdrawn": mark("dropped, since its ground was gone"),
    "done": mark("done"),
    "failed": mark("failed"),
}
SUBSCRIPTION_STATES = {
    "active": mark("active"),
    "trialing": mark("on trial"),
    "past_due": mark("payment overdue"),
    "unpaid": mark("unpaid"),
    "paused": mark("paused"),
    "canceled": mark("ended"),
}


def install(app: Flask) -> None:
    """Give templates the desk's words."""
    for words in (reason, action, done, standing, comment_state, report_outcome, matched):
        app.add_template_filter(words)
    for words in (sanction, sanction_source, termination_method, termination_state, subscription_state):
        app.add_template_filter(words)
    app.add_template_filter(choice)
    app.add_template_filter(taken)
    app.add_template_filter(rule_title)
    app.add_template_filter(asks)
    app.add_template_filter(due)
    app.add_template_filter(money.text, "money")


def reason(code: str) -> str:
    """Why an item is in the queue, by the machine's word or another's."""
    machines = families.with_code(code)
    return _(machines.moderator) if machines else _word(REASONS, code)


def action(code: str) -> str:
    """What a moderator may do."""
    return _word(ACTIONS, code)


def done(code: str) -> str:
    """What a decision did."""
    return _word(DONE, code)


def standing(code: str) -> str:
    """How a reader stands."""
    return _word(STANDINGS, code)


def comment_state(code: str) -> str:
    """Where a comment is."""
    return _word(COMMENT_STATES, code)


def report_outcome(code: str) -> str:
    """What became of a report."""
    return _word(REPORT_OUTCOMES, code)


def sanction(code: str) -> str:
    """A sanction, by its kind."""
    return _word(SANCTIONS, code)


def sanction_source(code: str) -> str:
    """Who imposed a sanction."""
    return _word(SANCTION_SOURCES, code)


def matched(code: str) -> str:
    """What matched, of what two readers pay with."""
    return _word(MATCHED, code)


def termination_method(code: str) -> str:
    """How a subscription is to end."""
    return _word(TERMINATION_METHODS, code)


def termination_state(code: str) -> str:
    """What became of a proposal to end a subscription."""
    return _word(TERMINATION_STATES, code)


def subscription_state(code: str) -> str:
    """How a subscription stands, by Stripe's word."""
    return _word(SUBSCRIPTION_STATES, code)


def choice(action: str, question: str) -> str:
    """What the button of an action says where `question` is asked."""
    special = kinds.in_use().question(question).buttons.get(action)
    return _(special) if special else _word(ACTIONS, action)


def taken(statement: Statement) -> str:
    """What a decision took from the account that its statement is addressed to."""
    until = rendering.exact(statement.applies_until) if statement.applies_until else ""
    words = [_(TAKEN[code], until=until) for code in statement.restrictions if code in TAKEN]
    return ", ".join(words) or _("no sanction")


def asks(question: str | None) -> str:
    """What a question says in words of its own; nothing where it has none."""
    title = kinds.in_use().title(question)
    return _(title) if title else ""


def rule_title(rule_id: str, site_id: int) -> str:
    """What a rule is called at a site; one that is no rule there any more speaks for itself."""
    rule = rules_of(sites.by_id(services().database, site_id)).rule(rule_id)
    return rule.title if rule else rule_id


def due(moment: datetime) -> str:
    """How long until something is due, or since when it is overdue."""
    left = moment - clock.now()
    if left > timedelta():
        return _("due %(when)s", when=formats.ahead(left))
    return _("overdue by %(span)s", span=formats.span(-left))


def _word(words: Mapping[str, str], code: str) -> str:
    return _(words.get(code, code))
