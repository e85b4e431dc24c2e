"""Readers report comments and names: one PUT for programs, one form for people."""

import msgspec
from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from app.accounts.identity import Identity
from app.errors import Malformed, NotFound, Refusal, TooMany
from app.language import _
from app.models import Account, Comment
from app.models.account import ACTIVE
from app.models.comment import PUBLISHED
from app.moderation import reports
from app.moderation.reports import Complaint
from app.stories import sites
from app.web import forms
from app.web.endpoint import endpoint, page, refuses
from app.web.services import services
from config.rules import SiteRules


class ReportName(forms.Body):
    """The rule that a name breaks, and what the moderators should know."""

    rule: str
    note: str | None = None


class ReportComment(ReportName):
    """The rule that a comment breaks; the revision is the one that was read."""

    revision: int | None = None


class ReportForm(msgspec.Struct):
    rule: str = ""
    note: str | None = None
    revision: int | None = None


@endpoint("PUT", "/api/v1/comments/<comment>/report", "report", takes=ReportComment, gives={204: None})
@refuses("own_comment", "unknown_rule", "unknown_revision", "note_too_long", "too_many_reports")
def report_comment(caller: Identity, body: ReportComment, comment: str) -> None:
    """Report a comment to the moderators; once is enough.

    A reader may do so {limits.reports_per_hour} times an hour. A note has {limits.report_note_characters} characters
    at most. Nobody but moderators learns who reported.
    """
    _report_comment(caller, forms.path_id(comment), body)


@endpoint("PUT", "/api/v1/accounts/<account>/report", "report_name", takes=ReportName, gives={204: None})
@refuses("own_name", "unknown_rule", "note_too_long", "too_many_reports")
def report_name(caller: Identity, body: ReportName, account: str) -> None:
    """Report a reader's display name to the moderators; once is enough.

    A reader may do so {limits.reports_per_hour} times an hour. A note has {limits.report_note_characters} characters
    at most.
    """
    _report_name(caller, forms.path_id(account), body)


@page("GET", "/comments/<comment>/report", "report")
def show_comment_form(_caller: Identity, comment: str) -> str:
    """The form to report a comment."""
    return _comment_form(forms.path_id(comment), ReportForm())


@page("POST", "/comments/<comment>/report", "report", takes=ReportForm)
def send_comment_form(caller: Identity, form: ReportForm, comment: str) -> ResponseReturnValue:
    """Report a comment by form."""
    comment_id = forms.path_id(comment)
    try:
        _report_comment(caller, comment_id, form)
    except (Malformed, TooMany) as refusal:
        return _comment_form(comment_id, form, refusal), refusal.status
    return _thanks(f"/comments/{comment_id}")


@page("GET", "/readers/<account>/report", "report_name")
def show_name_form(_caller: Identity, account: str) -> str:
    """The form to report a display name."""
    return _name_form(forms.path_id(account), ReportForm())


@page("POST", "/readers/<account>/report", "report_name", takes=ReportForm)
def send_name_form(caller: Identity, form: ReportForm, account: str) -> ResponseReturnValue:
    """Report a display name by form."""
    account_id = forms.path_id(account)
    try:
        _report_name(caller, account_id, form)
    except (Malformed, TooMany) as refusal:
        return _name_form(account_id, form, refusal), refusal.status
    return _thanks("/")


def _report_comment(caller: Identity, comment_id: int, said: ReportComment | ReportForm) -> None:
    complaint = Complaint(said.rule, said.note, said.revision)
    with services().database.transaction() as session:
        reports.report_comment(session, services().house, caller.account_id, comment_id, complaint)


def _report_name(caller: Identity, account_id: int, said: ReportName | ReportForm) -> None:
    complaint = Complaint(said.rule, said.note)
    with services().database.transaction() as session:
        reports.report_name(session, services().house, caller.account_id, account_id, complaint)


def _comment_form(comment_id: int, form: ReportForm, refusal: Refusal | None = None) -> str:
    with services().database.reading() as session:
        found = session.get(Comment, comment_id)
        if found is None or found.state != PUBLISHED:
            raise NotFound
        author = session.get_one(Account, found.account_id)
        rules = sites.rules_at(session, found.site_id, services().house)
    given = {"comment": found, "author": author, "form": form, "refusal": refusal}
    return _page(rules, f"/comments/{found.id}", site_id=found.site_id, back=f"/comments/{found.id}", **given)


def _name_form(account_id: int, form: ReportForm, refusal: Refusal | None = None) -> str:
    with services().database.reading() as session:
        author = session.get(Account, account_id)
        if author is None or author.state != ACTIVE:
            raise NotFound
        rules = sites.rules_at(session, reports.site_of_name(session, author.id), services().house)
    return _page(rules, f"/readers/{author.id}", back="/", author=author, form=form, refusal=refusal)


def _page(rules: SiteRules, subject: str, **given: object) -> str:
    return render_template(
        "readers/report.html",
        rules=rules.rules,
        note_characters=rules.limits.report_note_characters,
        action=f"{subject}/report",
        **given,
    )


def _thanks(address: str) -> ResponseReturnValue:
    flash(_("Thank you. A moderator will look at it; nobody else learns who reported."), "good")
    return redirect(address, 303)
