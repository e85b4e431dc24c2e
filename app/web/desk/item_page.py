"""/queue/<item>: everything about one item on one page, and the decision."""

import msgspec
from flask import make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app import clock
from app.accounts.identity import Identity
from app.billing import why
from app.errors import NotFound, Refusal
from app.language import _
from app.models import Decision, Item
from app.models.decision import FREE
from app.moderation import casefile, decisions, previews
from app.moderation.casefile import Casefile
from app.moderation.decisions import Intent
from app.review_queue import kinds, listing
from app.stories import sites
from app.web import forms
from app.web.desk import highlights, navigation, signals
from app.web.endpoint import page
from app.web.services import services
from config.rules import SiteRules

SUSPENSION_DAYS = (1, 3, 7, 14, 30, 90, 365)


class Decide(msgspec.Struct):
    """A decision by form. `revision` is that of the item as it was shown."""

    revision: int
    action: str
    rule: str | None = None
    reason: str = ""
    days: int | None = None
    kind: navigation.Kind | None = None


@page("GET", "/queue/<item>", "moderate", asks=navigation.Came)
def show_item(caller: Identity, query: navigation.Came, item: str) -> str:
    """An item with its context and the form to decide it."""
    return _page(caller, forms.path_id(item), query)


@page("POST", "/queue/<item>", "moderate", takes=Decide)
def decide(caller: Identity, form: Decide, item: str) -> ResponseReturnValue:
    """Decide, and go on to the next; a refusal shows the item as it is now, with what was written kept."""
    item_id = forms.path_id(item)
    try:
        with services().database.transaction() as session:
            decision = _decide(session, caller, item_id, form)
            following = listing.following(
                session, navigation.sites_of(caller), form.kind, session.get_one(Item, item_id)
            )
    except NotFound:
        raise
    except Refusal as refusal:
        shown = _page(caller, item_id, navigation.Came(form.kind), form, refusal)
        return make_response(shown, refusal.status)
    return redirect(navigation.address(following, form.kind, decision.id), 303)


def _decide(session: Session, caller: Identity, item_id: int, form: Decide) -> Decision:
    # the list of rules always has one chosen, so that one key decides; who is found right breaks none
    rule = None if form.action in FREE else form.rule
    reason = form.reason or _usual_reason(session, item_id, rule)
    intent = Intent(item_id, form.revision, form.action, rule, reason, form.days)
    return decisions.decide(session, services().house, caller, intent)


def _usual_reason(session: Session, item_id: int, rule_id: str | None) -> str:
    """What a moderator who writes no reason has decided by choosing a rule."""
    item = session.get(Item, item_id)
    usual = kinds.in_use().kind(item.kind).usual_reason if item else None
    if rule_id and usual:
        return _(usual)
    rule = sites.rules_at(session, item.site_id, services().house).rule(rule_id) if item and rule_id else None
    return _("It breaks the rule “%(title)s”.", title=rule.title) if rule else ""


def _page(
    caller: Identity, item_id: int, came: navigation.Came, form: Decide | None = None, refusal: Refusal | None = None
) -> str:
    """The page of an item as it is now. Raises NotFound, without the role at its site too."""
    site_ids = navigation.sites_of(caller)
    with services().database.reading() as session:
        case = casefile.read(session, caller, item_id)
        rules = sites.rules_at(session, case.item.site_id, services().house)
        site = sites.by_id(services().database, case.item.site_id)
        answers = [why.explain(session, case.record.account.id, site, rules)] if case.record else []
        following = listing.following(session, site_ids, came.kind, case.item)
        decided = navigation.decided(session, caller, came.decided)
    seconds = services().settings.scorer_deadline_ms / 1000
    return render_template(
        f"desk/kinds/{case.row.kind.name}.html",
        site_id=case.item.site_id,
        **_facts(case, rules),
        highlights=highlights.of(case.row, services().scorer, seconds),
        barred=previews.barred(case),
        answers=answers,
        came=came,
        following=navigation.address(following, came.kind) if following else None,
        decided=decided,
        form=form,
        refusal=refusal,
    )


def _facts(case: Casefile, rules: SiteRules) -> dict[str, object]:
    effects = previews.effects(case, rules)
    return {
        "case": case,
        "row": case.row,
        "item": case.item,
        "rules": rules,
        "actions": previews.actions(case),
        "least": previews.least(case, effects),
        "seen": signals.seen(case.row.assessment, rules) if case.row.assessment else None,
        "likely": previews.likely_rule(case, rules),
        "suspensions": SUSPENSION_DAYS,
        "now": clock.now(),
    }
