"""Statements of reasons as their addressee reads them, and the appeal: for programs and for people."""

from datetime import datetime

import msgspec
from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from app import clock
from app.accounts.identity import Identity
from app.language import _
from app.models import Appeal, Comment, Statement
from app.moderation import appeals, statements
from app.moderation.statements import Issued
from app.review_queue.kinds import COMMENT
from app.web import forms
from app.web.endpoint import endpoint, page, refuses
from app.web.services import services


class FileAppeal(forms.Body):
    """Why the decision is wrong."""

    text: str


class AppealView(msgspec.Struct):
    """An appeal and, once somebody has decided on it, its answer."""

    text: str
    created_at: datetime
    answered_at: datetime | None
    overturned: bool | None
    reply: str | None


class StatementView(msgspec.Struct):
    """A statement of reasons; its codes are those of the DSA Transparency Database. `undone`: it no longer holds."""

    id: str
    subject_type: str
    subject_id: str
    restrictions: list[str]
    rule: str
    category: str
    source_type: str
    automated_detection: bool
    automated_decision: str
    text: str
    language: str
    content_at: datetime | None
    applies_from: datetime
    applies_until: datetime | None
    appeal_until: datetime
    undone: bool
    appeal: AppealView | None


@endpoint("GET", "/api/v1/me/statements", "read_statement", gives={200: list[StatementView]})
def show_own_statements(caller: Identity) -> list[StatementView]:
    """The statements of reasons that are addressed to you, the newest first."""
    with services().database.reading() as session:
        return [_view(issued) for issued in statements.own(session, caller.account_id)]


@endpoint("GET", "/api/v1/statements/<statement>", "read_statement", gives={200: StatementView})
def show_statement(caller: Identity, statement: str) -> StatementView:
    """One statement of reasons: your own, or as a moderator of its site."""
    with services().database.reading() as session:
        return _view(statements.read(session, caller, forms.path_id(statement)))


@endpoint("POST", "/api/v1/statements/<statement>/appeal", "appeal", takes=FileAppeal, gives={201: AppealView})
@refuses("text_required", "text_too_long", "already_appealed", "already_undone", "appeal_too_late")
def file_appeal(caller: Identity, body: FileAppeal, statement: str) -> tuple[AppealView, int]:
    """Appeal against the decision behind a statement of your own, once."""
    return _appeal(_file(caller, statement, body)), 201


@page("GET", "/statements", "read_statement")
def show_own_page(caller: Identity) -> str:
    """Your statements of reasons."""
    with services().database.reading() as session:
        found = statements.own(session, caller.account_id)
    return render_template("readers/statements.html", found=found)


@page("GET", "/statements/<statement>", "read_statement")
def show_page(caller: Identity, statement: str) -> str:
    """A statement as it was issued, with the form to appeal or the answer."""
    with services().database.reading() as session:
        issued = statements.read(session, caller, forms.path_id(statement))
        about = issued.statement
        comment = session.get(Comment, about.subject_id) if about.subject_type == COMMENT else None
    return render_template(
        "readers/statement.html",
        site_id=about.site_id,
        issued=issued,
        comment=comment,
        may_appeal=_may_appeal(caller, issued),
        longest=appeals.LONGEST_APPEAL_CHARACTERS,
    )


@page("POST", "/statements/<statement>/appeal", "appeal", takes=FileAppeal)
def send_appeal(caller: Identity, form: FileAppeal, statement: str) -> ResponseReturnValue:
    """Appeal by form."""
    _file(caller, statement, form)
    flash(_("Your appeal is in. Somebody else than who decided will answer it."), "good")
    return redirect(f"/statements/{forms.path_id(statement)}", 303)


def _file(caller: Identity, statement: str, said: FileAppeal) -> Appeal:
    statement_id = forms.path_id(statement)
    with services().database.transaction() as session:
        return appeals.file(session, services().house, caller.account_id, statement_id, said.text)


def _may_appeal(caller: Identity, issued: Issued) -> bool:
    if issued.appeal or issued.undone:
        return False
    return issued.statement.account_id == caller.account_id and issued.statement.appeal_until > clock.now()


def _view(issued: Issued) -> StatementView:
    statement: Statement = issued.statement
    return StatementView(
        id=str(statement.id),
        subject_type=statement.subject_type,
        subject_id=str(statement.subject_id),
        restrictions=statement.restrictions,
        rule=statement.rule,
        category=statement.category,
        source_type=statement.source_type,
        automated_detection=statement.automated_detection,
        automated_decision=statement.automated_decision,
        text=statement.text,
        language=statement.language,
        content_at=statement.content_at,
        applies_from=statement.applies_from,
        applies_until=statement.applies_until,
        appeal_until=statement.appeal_until,
        undone=issued.undone,
        appeal=_appeal(issued.appeal) if issued.appeal else None,
    )


def _appeal(appeal: Appeal) -> AppealView:
    return AppealView(
        text=appeal.text,
        created_at=appeal.created_at,
        answered_at=appeal.answered_at,
        overturned=appeal.overturned,
        reply=appeal.reply,
    )
