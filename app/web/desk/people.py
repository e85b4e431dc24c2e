"""/readers/<account>: a reader's record, and what moderators and editors may do about it."""

from datetime import timedelta

import msgspec
from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts import permissions, ranks
from app.accounts.identity import Identity
from app.billing import grants, why
from app.language import _
from app.models.role import EDITOR, MODERATOR
from app.moderation import decisions, distance, initiative, reader_record
from app.moderation.reports import site_of_name
from app.review_queue.items import Subject
from app.stories import sites
from app.terminations import proposals
from app.web import forms
from app.web.endpoint import page
from app.web.services import services
from app.web.sites import rules_of


class Find(msgspec.Struct):
    """A display name."""

    name: str = ""


class Lift(msgspec.Struct):
    """Why bans and suspensions end."""

    reason: str = ""


class ResetName(msgspec.Struct):
    """The rule that the name breaks, and why."""

    rule: str
    reason: str = ""


class Give(msgspec.Struct):
    """Where, why and for how many days a reader may write without a subscription."""

    site: str
    days: int
    reason: str = ""


@page("GET", "/readers", "moderate", asks=Find)
def find_reader(_caller: Identity, query: Find) -> ResponseReturnValue:
    """On to the record of whoever bears a name."""
    with services().database.reading() as session:
        account_id = reader_record.named(session, query.name)
    if account_id is None:
        flash(_("Nobody bears this name."), "warn")
        return redirect("/queue", 303)
    return redirect(f"/readers/{account_id}", 303)


@page("GET", "/readers/<account>", "moderate")
def show_reader(caller: Identity, account: str) -> str:
    """The record of a reader."""
    account_id = forms.path_id(account)
    moderated = [site for site in sites.known(services().database) if caller.has_role(MODERATOR, site.id)]
    mine = [site for site in moderated if caller.has_role(EDITOR, site.id)]
    with services().database.reading() as session:
        found = reader_record.of(session, caller, account_id)
        names_site_id = site_of_name(session, account_id)
        name = Subject.of_account(account_id, names_site_id)
        (barred,) = distance.refusals(session, caller.account_id, [name])
        liftable = decisions.may_lift(session, caller, account_id)
        editing = [site for site in mine if ranks.is_above(session, caller.account_id, account_id, site.id)]
        answers = why.explain_each(session, account_id, moderated, services().house)
        money = proposals.overview(session, caller, account_id)
        given = [(site, grant) for site in mine for grant in grants.of_account(session, account_id, site.id)]
    return render_template(
        "desk/reader.html",
        record=found,
        answers=answers,
        names_site_id=names_site_id,
        rules=rules_of(sites.by_id(services().database, names_site_id)).rules,
        barred=barred,
        liftable=liftable,
        nameable=not barred and caller.has_role(MODERATOR, names_site_id) and not found.neutral_name,
        editing=editing,
        grants=given,
        money=money,
        now=clock.now(),
    )


@page("POST", "/readers/<account>/lift", "moderate", takes=Lift)
def lift(caller: Identity, form: Lift, account: str) -> ResponseReturnValue:
    """End a reader's bans and suspensions."""
    account_id, it = forms.path_id(account), services()
    with it.database.transaction() as session:
        decisions.lift(session, it.house, caller, account_id, form.reason)
    flash(_("Bans and suspensions are lifted."), "good")
    return redirect(f"/readers/{account_id}", 303)


@page("POST", "/readers/<account>/name", "moderate", takes=ResetName)
def reset_name(caller: Identity, form: ResetName, account: str) -> ResponseReturnValue:
    """Take a reader's display name away."""
    account_id, it = forms.path_id(account), services()
    with it.database.transaction() as session:
        initiative.reset_name(session, it.house, caller, account_id, form.rule, form.reason)
    flash(_("The name is taken away."), "good")
    return redirect(f"/readers/{account_id}", 303)


@page("POST", "/readers/<account>/grants", "grant", takes=Give)
def give_grant(caller: Identity, form: Give, account: str) -> ResponseReturnValue:
    """Let a reader write without a subscription for some days."""
    account_id, site = forms.path_id(account), sites.by_key(services().database, form.site)
    permissions.require(caller, "grant", site.id)
    # what is too long or too short is for the domain to refuse, but must be a moment first
    until = clock.now() + timedelta(days=min(max(form.days, 0), 2 * grants.LONGEST_GRANT.days))
    with services().database.transaction() as session:
        grants.give(session, caller.account_id, account_id, site.id, form.reason, until)
    flash(_("The reader may write now."), "good")
    return redirect(f"/readers/{account_id}", 303)


@page("POST", "/grants/<grant>/revoke", "grant")
def revoke_grant(caller: Identity, grant: str) -> ResponseReturnValue:
    """End a grant."""
    with services().database.transaction() as session:
        found = grants.find(session, forms.path_id(grant))
        permissions.require(caller, "grant", found.site_id)
        grants.revoke(session, caller.account_id, found.id)
    flash(_("The grant is revoked."), "good")
    return redirect(f"/readers/{found.account_id}", 303)
