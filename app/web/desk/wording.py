"""The desk's codes in words: why an item is here, what was decided, how long ago."""

from datetime import datetime, timedelta

from flask import Flask

from app import clock
from app.billing import money
from app.language import _, mark, ngettext
from app.stories import sites
from app.web.services import services
from app.web.sites import rules_of

KINDS = {
    "comment": mark("Comments"),
    "account": mark("Names"),
    "appeal": mark("Appeals"),
    "notice": mark("Legal notices"),
    "payment": mark("Payments"),
}
KIND = {
    "comment": mark("Comment"),
    "account": mark("Name"),
    "appeal": mark("Appeal"),
    "notice": mark("Legal notice"),
    "payment": mark("Payment"),
}
REASONS = {
    "severe": mark("Severe"),
    "hold": mark("Held by the machine"),
    "unscored": mark("Could not be scored"),
    "premoderated": mark("Story is pre-moderated"),
    "undone": mark("A decision was undone"),
    "moderator": mark("A moderator came across it"),
    "strike_revoked": mark("A strike that led to a sanction was revoked"),
    "possible_return": mark("Possible return of a banned reader"),
    "claimed_twice": mark("Two readers claim one subscription"),
    "lost_dispute": mark("A dispute was lost"),
    "fraud_warning": mark("A bank warned of fraud"),
    "name_mismatch": mark("Name differs from the payer's"),
    "termination": mark("End of a subscription proposed"),
    "termination_failed": mark("End of a subscription failed"),
}
ACTIONS = {
    "approve": mark("Approve"),
    "dismiss": mark("Dismiss"),
    "remove": mark("Remove"),
    "warn": mark("Warn"),
    "suspend": mark("Suspend"),
    "ban": mark("Ban for good"),
    "reset_name": mark("Reset the name"),
    "lift": mark("Lift bans and suspensions"),
    "confirm": mark("Confirm: it is the same reader"),
    "allow": mark("Allow"),
    "refuse": mark("Refuse"),
    "uphold": mark("Let it stand"),
    "overturn": mark("Overturn"),
}
# where a button says more than the action's name: (question, action)
CHOICES = {
    ("possible_return", "allow"): mark("Allow: it is somebody else"),
    ("claimed_twice", "allow"): mark("Move it to the claimant"),
    ("claimed_twice", "dismiss"): mark("Leave it where it is"),
    ("lost_dispute", "dismiss"): mark("Let it rest"),
    ("fraud_warning", "dismiss"): mark("Let it rest"),
    ("name_mismatch", "allow"): mark("Make an exception"),
    ("name_mismatch", "dismiss"): mark("Make none"),
}
DONE = {
    "approve": mark("Approved"),
    "dismiss": mark("Dismissed"),
    "remove": mark("Removed"),
    "warn": mark("Warned"),
    "suspend": mark("Suspended"),
    "ban": mark("Banned for good"),
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
STANDINGS = {
    "good": mark("in good standing"),
    "warning": mark("warned, not yet acknowledged"),
    "suspension": mark("suspended"),
    "ban": mark("banned"),
}
STATES = {
    "published": mark("published"),
    "held": mark("held"),
    "withheld": mark("withheld"),
    "removed": mark("removed"),
    "deleted": mark("deleted by its author"),
}
SIGNALS = {
    "score.toxicity": mark("Toxicity"),
    "score.severe_toxicity": mark("Severe toxicity"),
    "score.obscene": mark("Obscenity"),
    "score.threat": mark("Threat"),
    "score.insult": mark("Insult"),
    "score.identity_attack": mark("Attack on identity"),
}
OUTCOMES = {
    "waiting": mark("waiting"),
    "upheld": mark("upheld"),
    "dismissed": mark("dismissed"),
}
SANCTIONS = {
    "warning": mark("Warning"),
    "suspension": mark("Suspension"),
    "ban": mark("Ban"),
}
SOURCES = {
    "moderator": mark("by a moderator"),
    "machine": mark("by the machine"),
    "ladder": mark("by the strikes ladder"),
}
# what matched, of what somebody pays with
MATCHED = {
    "card": mark("the same card"),
    "bacs_debit": mark("the same bank account"),
    "sepa_debit": mark("the same bank account"),
    "paypal": mark("the same PayPal account"),
    "link": mark("the same Link account"),
    "email": mark("the same e-mail address at the checkout"),
}
METHODS = {
    "at_period_end": mark("End it with its period"),
    "now_with_refund": mark("End it now, with refund"),
}
TERMINATIONS = {
    "proposed": mark("waits for another moderator"),
    "approved": mark("approved"),
    "refused": mark("refused"),
    "withdrawn": mark("dropped, since the ban was lifted"),
    "done": mark("done"),
    "failed": mark("failed"),
}
# Stripe's words
SUBSCRIPTIONS = {
    "active": mark("active"),
    "trialing": mark("on trial"),
    "past_due": mark("payment overdue"),
    "unpaid": mark("unpaid"),
    "paused": mark("paused"),
    "canceled": mark("ended"),
}
_TABLES = {
    "kind": KIND,
    "kinds": KINDS,
    "reason": REASONS,
    "matched": MATCHED,
    "action": ACTIONS,
    "done": DONE,
    "standing": STANDINGS,
    "state": STATES,
    "signal": SIGNALS,
    "outcome": OUTCOMES,
    "sanction": SANCTIONS,
    "source": SOURCES,
    "method": METHODS,
    "termination": TERMINATIONS,
    "subscription": SUBSCRIPTIONS,
}


def install(app: Flask) -> None:
    """Give templates the desk's words."""
    app.add_template_filter(word)
    app.add_template_filter(choice)
    app.add_template_filter(rule_title)
    app.add_template_filter(ago)
    app.add_template_filter(due)
    app.add_template_filter(money.text, "money")


def word(code: str, table: str) -> str:
    """A code in words; one that has none yet speaks for itself."""
    return _(_TABLES[table].get(code, code))


def choice(action: str, question: str | None) -> str:
    """What the button of an action says where `question` is asked."""
    special = CHOICES.get((question or "", action))
    return _(special) if special else word(action, "action")


def rule_title(rule_id: str, site_id: int) -> str:
    """What a rule is called at a site; one that is no rule there any more speaks for itself."""
    rule = rules_of(sites.by_id(services().database, site_id)).rule(rule_id)
    return rule.title if rule else rule_id


def ago(moment: datetime) -> str:
    """How long ago something was."""
    passed = clock.now() - moment
    return _("just now") if passed < timedelta(minutes=1) else _("%(span)s ago", span=_span(passed))


def due(moment: datetime) -> str:
    """How long until something is due, or since when it is overdue."""
    left = moment - clock.now()
    return _("due in %(span)s", span=_span(left)) if left > timedelta() else _("overdue by %(span)s", span=_span(-left))


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes < 90:
        return ngettext("%(number)s minute", "%(number)s minutes", minutes)
    if minutes < 48 * 60:
        return ngettext("%(number)s hour", "%(number)s hours", minutes // 60)
    return ngettext("%(number)s day", "%(number)s days", minutes // (24 * 60))
