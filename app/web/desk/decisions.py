"""Decisions by program: on an item, taking one back, lifting a ban. Their pages are those of the desk."""

from datetime import datetime

import msgspec

from app import ids
from app.accounts.identity import Identity
from app.models import Decision
from app.moderation import decisions
from app.moderation import undo as undoing
from app.moderation.decisions import Intent
from app.review_queue import items
from app.web import forms
from app.web.endpoint import endpoint, refuses
from app.web.services import services


class Decide(forms.Body):
    """`revision` is that of the item as it was seen; `reason` is sent to whoever is restricted, with `rule`.
    `action`: of a comment approve, remove, remove_only (no sanction follows), warn, suspend (for so many `days`) or
    ban; of an appeal uphold or overturn; of what else is asked, what its page shows.
    """

    action: str
    revision: int
    rule: str | None = None
    reason: str = ""
    days: int | None = None


class Why(forms.Body):
    """The reason, for the record."""

    reason: str


class DecisionView(msgspec.Struct):
    """A decision as it was recorded; `statement_id` names the statement of reasons for what it restricts."""

    id: str
    item_id: str | None
    subject_type: str
    subject_id: str
    action: str
    rule: str | None
    reason: str
    undoes_id: str | None
    statement_id: str | None
    created_at: datetime


@endpoint("POST", "/api/v1/items/<item>/decisions", "moderate", takes=Decide, gives={201: DecisionView})
@refuses(
    "own_case",
    "outranked",
    "same_moderator",
    "stale",
    "already_undone",
    "already_begun",
    "neutral_name",
    "name_changed",
    "no_ban",
    "subscription_over",
    "unknown_action",
    "unknown_rule",
    "rule_required",
    "days_required",
    "nothing_to_extend",
    "reason_required",
    "reason_too_long",
)
def decide(caller: Identity, body: Decide, item: str) -> tuple[DecisionView, int]:
    """Decide an open item: 409 "stale", with its present revision, if it was decided or has grown since."""
    it, item_id = services(), forms.path_id(item)
    intent = Intent(item_id, body.revision, body.action, body.rule, body.reason, body.days)
    with it.database.transaction() as session:
        return _view(decisions.decide(session, it.house, caller, intent)), 201


@endpoint("POST", "/api/v1/decisions/<decision>/undo", "moderate", takes=Why, gives={201: DecisionView})
@refuses(
    "own_case",
    "outranked",
    "already_undone",
    "already_begun",
    "not_undoable",
    "reason_required",
    "reason_too_long",
)
def undo(caller: Identity, body: Why, decision: str) -> tuple[DecisionView, int]:
    """Take back all that a decision did; the undo is a decision of its own."""
    decision_id = forms.path_id(decision)
    with services().database.transaction() as session:
        reason = items.checked_reason(body.reason)
        return _view(undoing.undo(session, services().house, caller, decision_id, reason)), 201


@endpoint("POST", "/api/v1/accounts/<account>/lift", "moderate", takes=Why, gives={201: DecisionView})
@refuses("own_case", "outranked", "already_undone", "nothing_to_lift", "reason_required", "reason_too_long")
def lift(caller: Identity, body: Why, account: str) -> tuple[DecisionView, int]:
    """End every ban and suspension of an account."""
    it, account_id = services(), forms.path_id(account)
    with it.database.transaction() as session:
        return _view(decisions.lift(session, it.house, caller, account_id, body.reason)), 201


def _view(decision: Decision) -> DecisionView:
    return DecisionView(
        id=str(decision.id),
        item_id=ids.text(decision.item_id),
        subject_type=decision.subject_type,
        subject_id=str(decision.subject_id),
        action=decision.action,
        rule=decision.rule,
        reason=decision.reason,
        undoes_id=ids.text(decision.undoes_id),
        statement_id=ids.text(decision.statement_id),
        created_at=decision.created_at,
    )
