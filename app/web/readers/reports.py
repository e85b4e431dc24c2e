"""Readers report comments and names: one PUT for programs, one form for people."""

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from app.accounts.identity import Identity
from app.errors import NotFound
from app.language import _
from app.models import Account, Comment
from app.models.account import ACTIVE
from app.models.comment import PUBLISHED
from app.moderation import reports
from app.moderation.reports import Complaint
from app.stories import sites
from app.web import forms
from app.web.endpoint import endpoint, page
from app.web.services import services
from config.policy import SiteRules


class ReportName(forms.Body):
    """The rule that a name breaks, and what the moderators should know."""

    rule: str
    note: str | None = None


class ReportComment(ReportName):
    """The rule that a comment breaks; the revision is the one that was read."""

    revision: int | None = None


@endpoint("PUT", "/api/v1/comments/<comment>/report", "report", takes=ReportComment, gives={204: None})
def report_comment(caller: Identity, body: ReportComment, comment: str) -> None:
    """Report a comment to the moderators; once is enough."""
    _report_comment(caller, forms.path_id(comment), body)


@endpoint("PUT", "/api/v1/accounts/<account>/report", "report_name", takes=ReportName, gives={204: None})
def report_name(caller: Identity, body: ReportName, account: str) -> None:
    """Report a reader's display name to the moderators; once is enough."""
    _report_name(caller, forms.path_id(account), body)


@page("GET", "/comments/<comment>/report", "report")
def show_comment_form(_caller: Identity, comment: str) -> str:
    """The form to report a comment."""
    with services().database.reading() as session:
        found = session.get(Comment, forms.path_id(comment))
        if found is None or found.state != PUBLISHED:
            raise NotFound
        author = session.get_one(Account, found.account_id)
        rules = sites.rules_at(session, found.site_id, services().house)
    return _form(rules, author, f"/comments/{found.id}", found)


@page("POST", "/comments/<comment>/report", "report", takes=ReportComment)
def send_comment_form(caller: Identity, form: ReportComment, comment: str) -> ResponseReturnValue:
    """Report a comment by form."""
    comment_id = forms.path_id(comment)
    _report_comment(caller, comment_id, form)
    return _thanks(f"/comments/{comment_id}")


@page("GET", "/readers/<account>/report", "report_name")
def show_name_form(_caller: Identity, account: str) -> str:
    """The form to report a display name."""
    with services().database.reading() as session:
        author = session.get(Account, forms.path_id(account))
        if author is None or author.state != ACTIVE:
            raise NotFound
        rules = sites.rules_at(session, reports.site_of_name(session, author.id), services().house)
    return _form(rules, author, f"/readers/{author.id}")


@page("POST", "/readers/<account>/report", "report_name", takes=ReportName)
def send_name_form(caller: Identity, form: ReportName, account: str) -> ResponseReturnValue:
    """Report a display name by form."""
    _report_name(caller, forms.path_id(account), form)
    return _thanks("/")


def _report_comment(caller: Identity, comment_id: int, said: ReportComment) -> None:
    complaint = Complaint(said.rule, said.note, said.revision)
    with services().database.transaction() as session:
        reports.report_comment(session, services().house, caller.account_id, comment_id, complaint)


def _report_name(caller: Identity, account_id: int, said: ReportName) -> None:
    complaint = Complaint(said.rule, said.note)
    with services().database.transaction() as session:
        reports.report_name(session, services().house, caller.account_id, account_id, complaint)


def _form(rules: SiteRules, author: Account, subject: str, comment: Comment | None = None) -> str:
    return render_template(
        "readers/report.html",
        site_id=comment.site_id if comment else None,
        comment=comment,
        author=author,
        rules=rules.rules,
        note_characters=rules.limits.report_note_characters,
        action=f"{subject}/report",
        back=subject if comment else "/",
    )


def _thanks(address: str) -> ResponseReturnValue:
    flash(_("Thank you. A moderator will look at it; nobody else learns who reported."), "good")
    return redirect(address, 303)
