"""Legal notices by anyone: one POST for programs, one form for people, and a receipt to follow what becomes of it."""

from datetime import datetime

import msgspec
from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from app.accounts.identity import Identity
from app.errors import Malformed, NotFound, Refusal, TooMany
from app.ids import parse
from app.language import mark
from app.models import Account, Comment, Notice
from app.models.comment import PUBLISHED
from app.moderation import notices
from app.moderation.notices import RECEIVED, FollowedNotice, Told
from app.stories import sites
from app.web import forms, limits
from app.web.endpoint import endpoint, page, refuses
from app.web.services import services
from app.web.sites import rules_of, site_of
from config.rules import Rule


class Tell(forms.Body):
    """Why the comment is illegal. Name and e-mail address are asked for, and may be left out."""

    explanation: str
    good_faith: bool
    name: str | None = None
    email: str | None = None


class FileNotice(Tell, kw_only=True):
    """`comment`: the id of the comment."""

    comment: str


class NoticeForm(msgspec.Struct):
    explanation: str = ""
    good_faith: bool = False
    name: str | None = None
    email: str | None = None


class NoticeView(msgspec.Struct):
    """`receipt` is the way to follow the notice; keep it. `outcome`: received, dismissed or upheld."""

    receipt: str
    comment_id: str
    outcome: str
    created_at: datetime


@endpoint("POST", "/api/v1/notices", "notify", takes=FileNotice, gives={201: NoticeView})
@refuses(
    "not_found",
    "unknown_comment",
    "explanation_required",
    "explanation_too_long",
    "good_faith_required",
    "name_too_long",
    "email_malformed",
)
def file_notice(_caller: Identity, body: FileNotice) -> tuple[NoticeView, int]:
    """Give notice of a comment as illegal; no account is needed.

    One address may do so {limits.reports_per_hour} times an hour.
    """
    comment_id = parse(body.comment)
    if comment_id is None:
        raise Malformed("unknown_comment", mark("There is no such comment."), field="comment")
    return _view(_file(comment_id, body), RECEIVED), 201


@endpoint("GET", "/api/v1/notices/<receipt>", "notify", gives={200: NoticeView})
def follow_notice(_caller: Identity, receipt: str) -> NoticeView:
    """What has become of a notice."""
    with services().database.reading() as session:
        found = notices.read(session, receipt)
    return _view(found.notice, found.outcome)


@page("GET", "/comments/<comment>/notice", "notify")
def show_notice_form(_caller: Identity, comment: str) -> str:
    """The form for a legal notice."""
    return _form(forms.path_id(comment), NoticeForm())


@page("POST", "/comments/<comment>/notice", "notify", takes=NoticeForm)
def send_notice_form(_caller: Identity, form: NoticeForm, comment: str) -> ResponseReturnValue:
    """Give notice by form."""
    comment_id = forms.path_id(comment)
    try:
        notice = _file(comment_id, form)
    except (Malformed, TooMany) as refusal:
        return _form(comment_id, form, refusal), refusal.status
    return redirect(f"/notices/{notice.receipt}", 303)


def _form(comment_id: int, form: NoticeForm, refusal: Refusal | None = None) -> str:
    with services().database.reading() as session:
        found = session.get(Comment, comment_id)
        if found is None or found.state != PUBLISHED:
            raise NotFound
        author = session.get_one(Account, found.account_id)
    return render_template(
        "readers/notice.html",
        site_id=found.site_id,
        comment=found,
        author=author,
        longest=notices.LONGEST_EXPLANATION,
        form=form,
        refusal=refusal,
    )


@page("GET", "/notices/<receipt>", "notify")
def show_notice(_caller: Identity, receipt: str) -> str:
    """The receipt, and what has become of the notice."""
    with services().database.reading() as session:
        found = notices.read(session, receipt)
    site_id = site_of(found.notice.comment_id).id
    return render_template("readers/notice_received.html", site_id=site_id, found=found, rule=_broken(found))


def _file(comment_id: int, said: Tell | NoticeForm) -> Notice:
    limits.notice(rules_of(site_of(comment_id)).limits.reports_per_hour)
    told = Told(said.explanation, said.name, said.email, said.good_faith)
    with services().database.transaction() as session:
        return notices.file(session, services().house, comment_id, told)


def _broken(found: FollowedNotice) -> Rule | None:
    """The rule that a notice was upheld under, as it is at the site now."""
    if found.decision is None or found.decision.rule is None:
        return None
    return rules_of(sites.by_id(services().database, found.decision.site_id)).rule(found.decision.rule)


def _view(notice: Notice, outcome: str) -> NoticeView:
    return NoticeView(notice.receipt, str(notice.comment_id), outcome, notice.created_at)
