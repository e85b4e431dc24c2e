"""Writing by form, without a script. Whatever is refused, the reader's text stays on the page."""

import msgspec
from flask import Response, flash, redirect, render_template
from flask.typing import ResponseReturnValue

from app.accounts.identity import Identity
from app.comments import editing, submission
from app.comments.posting import Destination, Posted
from app.errors import Refusal
from app.language import _
from app.models import Comment, Story
from app.stories import sites, stories
from app.stories.sites import SiteSnapshot
from app.web import forms
from app.web.endpoint import page
from app.web.readers import writing
from app.web.services import services
from app.web.sites import rules_of, site_of


class WriteForm(msgspec.Struct, kw_only=True):
    """A text; `parent` if it is a reply, `confirm` once its author was asked to put it differently."""

    text: str = ""
    parent: str | None = None
    confirm: bool = False


@page("POST", "/stories/<story>/comments", "post", takes=WriteForm)
def post_form(caller: Identity, form: WriteForm, story: str) -> ResponseReturnValue:
    """Post a comment or a reply by form."""
    found = _story(forms.path_id(story))
    site = sites.by_id(services().database, found.site_id)
    try:
        destination = Destination(site, found.key, writing.parent_of(form.parent))
        posted = writing.post(caller, destination, form.text, form.confirm)
    except Refusal as refusal:
        return _write(site, f"/stories/{found.id}/comments", f"/stories/{found.id}", form, refusal)
    return _written(posted)


@page("GET", "/comments/<comment>/edit", "edit")
def show_edit_form(caller: Identity, comment: str) -> ResponseReturnValue:
    """The form to edit one's own comment."""
    comment_id = forms.path_id(comment)
    with services().database.reading() as session:
        found = editing.check_own(session.get(Comment, comment_id), caller.account_id)
    site = site_of(comment_id)
    editing.check_editable(found, rules_of(site))
    return _write(site, f"/comments/{found.id}/edit", f"/stories/{found.story_id}", WriteForm(text=found.text))


@page("POST", "/comments/<comment>/edit", "edit", takes=WriteForm)
def edit_form(caller: Identity, form: WriteForm, comment: str) -> ResponseReturnValue:
    """Edit one's own comment by form."""
    comment_id = forms.path_id(comment)
    site = site_of(comment_id)
    try:
        posted = writing.edit(caller, site, comment_id, form.text, form.confirm)
    except Refusal as refusal:
        return _write(site, f"/comments/{comment_id}/edit", f"/comments/{comment_id}", form, refusal)
    return _written(posted)


@page("POST", "/comments/<comment>/delete", "delete_own")
def delete_form(caller: Identity, comment: str) -> ResponseReturnValue:
    """Take one's own comment back by form."""
    comment_id = forms.path_id(comment)
    story_id = submission.delete(services(), caller.account_id, comment_id)
    flash(_("Your comment has been taken back."), "good")
    return redirect(f"/stories/{story_id}", 303)


def _story(story_id: int) -> Story:
    with services().database.reading() as session:
        return stories.by_id(session, story_id)


def _written(posted: Posted) -> ResponseReturnValue:
    """Where the author goes: to the comment, or to its story and why it does not show yet."""
    comment = posted.comment
    reason = posted.reason
    if reason is None:
        flash(_("Your comment is published."), "good")
        return redirect(f"/comments/{comment.id}", 303)
    flash(_(reason.author), "warn")
    return redirect(f"/stories/{comment.story_id}", 303)


def _write(site: SiteSnapshot, action: str, back: str, form: WriteForm, refusal: Refusal | None = None) -> Response:
    """The page to write on, with what was written, and why it was refused."""
    rule = rules_of(site).rule(str(refusal.extra.get("rule"))) if refusal else None
    given = {"site_id": site.id, "action": action, "back": back, "form": form, "refusal": refusal, "rule": rule}
    body = render_template("readers/write.html", **given)
    response = Response(body, refusal.status if refusal else 200, mimetype="text/html")
    if refusal and "retry_after" in refusal.extra:
        response.headers["Retry-After"] = str(refusal.extra["retry_after"])
    return response
