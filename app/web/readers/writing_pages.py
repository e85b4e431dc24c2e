"""Writing by form, without a script. Whatever is refused, the reader's text stays on the page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from flask import Response, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.accounts.identity import Identity
from app.comments import editing, submission
from app.comments.nudge import Answer
from app.comments.posting import Destination, Posted
from app.errors import NotFound, Refusal
from app.ids import parse
from app.language import _
from app.models import Comment, Story
from app.stories import sites, stories
from app.text import cleaning, markup
from app.threads import conversations, slices
from app.threads.thread_comments import ThreadComment
from app.web import forms
from app.web.endpoint import page
from app.web.readers import writing
from app.web.services import services
from app.web.sites import rules_of, site_of
from config.rules import SiteRules


class WriteForm(msgspec.Struct, kw_only=True):
    """A text; `parent` if it is a reply. Once its author was asked to put it differently, `nudged` is the digest of
    what they had written then, and `confirm` says that it is to stay so. `only`: it is not to be sent yet, but shown as
    it would stand ("preview"), or begun with a quote of what it answers ("quote").
    """

    only: Literal["preview", "quote"] | None = None
    text: str = ""
    parent: str | None = None
    confirm: bool = False
    nudged: str = ""


@dataclass(frozen=True)
class Place:
    """Where a text is written: in which story, in answer to what (as far as it is still there), by which form, and
    until when it can be edited.
    """

    story: Story
    answered: ThreadComment | None
    action: str
    back: str
    until: datetime | None = None


@page("POST", "/stories/<story>/comments", "post", takes=WriteForm)
def post_form(caller: Identity, form: WriteForm, story: str) -> ResponseReturnValue:
    """Post a comment or a reply by form."""
    with services().database.reading() as session:
        found = stories.by_id(session, forms.path_id(story))
    if form.only:
        return _not_yet(_posted_at(found, form), form)
    site = sites.by_id(services().database, found.site_id)
    try:
        destination = Destination(site, found.key, writing.parent_of(form.parent))
        posted = writing.post(caller, destination, form.text, Answer(form.confirm, form.nudged))
    except Refusal as refusal:
        return _write(_posted_at(found, form), form, refusal)
    return _written(posted, _("Your comment is published."))


@page("GET", "/comments/<comment>/edit", "edit")
def show_edit_form(caller: Identity, comment: str) -> ResponseReturnValue:
    """The form to edit one's own comment."""
    found, place = _edited_at(caller, forms.path_id(comment))
    editing.check_editable(found, rules_of(sites.by_id(services().database, found.site_id)))
    return _write(place, WriteForm(text=found.text))


@page("POST", "/comments/<comment>/edit", "edit", takes=WriteForm)
def edit_form(caller: Identity, form: WriteForm, comment: str) -> ResponseReturnValue:
    """Edit one's own comment by form."""
    comment_id = forms.path_id(comment)
    if form.only:
        return _not_yet(_edited_at(caller, comment_id)[1], form)
    try:
        posted = writing.edit(caller, site_of(comment_id), comment_id, form.text, Answer(form.confirm, form.nudged))
    except Refusal as refusal:
        return _write(_edited_at(caller, comment_id)[1], form, refusal)
    return _written(posted, _("Your comment is changed."))


@page("POST", "/comments/<comment>/delete", "delete_own")
def delete_form(caller: Identity, comment: str) -> ResponseReturnValue:
    """Take one's own comment back by form."""
    comment_id = forms.path_id(comment)
    story_id = submission.delete(services(), caller.account_id, comment_id)
    flash(_("Your comment has been taken back."), "good")
    return redirect(f"/stories/{story_id}", 303)


def _posted_at(story: Story, form: WriteForm) -> Place:
    with services().database.reading() as session:
        answered = _answered(session, story, parse(form.parent or ""))
    here = f"/stories/{story.id}"
    return Place(story, answered, f"{here}/comments", here)


def _edited_at(caller: Identity, comment_id: int) -> tuple[Comment, Place]:
    """A comment of the caller's own, and where it is changed."""
    with services().database.reading() as session:
        comment = editing.check_own(session.get(Comment, comment_id), caller.account_id)
        story = stories.by_id(session, comment.story_id)
        answered = _answered(session, story, comment.parent_id)
    here = f"/comments/{comment.id}"
    until = editing.editable_until(comment.created_at, rules_of(sites.by_id(services().database, comment.site_id)))
    return comment, Place(story, answered, f"{here}/edit", here, until)


def _answered(session: Session, story: Story, comment_id: int | None) -> ThreadComment | None:
    try:
        found = None if comment_id is None else conversations.find(session, comment_id)
    except NotFound:
        return None
    return found if found and found.author and found.story_id == story.id else None


def _written(posted: Posted, message: str) -> ResponseReturnValue:
    """Where the author goes: back into the thread, to the comment; on it stands the message, or why it waits."""
    comment = posted.comment
    here = f"/stories/{comment.story_id}"
    if posted.reason is None:
        flash(message, f"at-{comment.id}")
        with services().database.reading() as session:
            if not slices.begins_with(session, comment):
                here = f"/comments/{comment.id}"
    return redirect(f"{here}#c{comment.id}", 303)


def _not_yet(place: Place, form: WriteForm) -> Response:
    """The page again before anything is sent: the text as it would stand, or a quote to write below."""
    if form.only == "quote" and place.answered:
        quote = "\n".join(f"> {line}".rstrip() for line in (place.answered.text or "").split("\n"))
        return _write(place, msgspec.structs.replace(form, text=f"{quote}\n\n{form.text}"))
    try:
        text = cleaning.comment(form.text, _rules_at(place).limits.comment_characters)
    except Refusal as refusal:
        return _write(place, form, refusal)
    return _write(place, form, preview=text)


def _write(place: Place, form: WriteForm, refusal: Refusal | None = None, preview: str | None = None) -> Response:
    """The page to write on, with what was written, and why it was refused."""
    rules = _rules_at(place)
    given = {
        "site_id": place.story.site_id,
        "place": place,
        "form": form,
        "refusal": refusal,
        "rule": rules.rule(str(refusal.extra.get("rule"))) if refusal else None,
        "most": rules.limits.comment_characters,
        "preview": preview,
        "render": markup.render,
    }
    body = render_template("readers/write.html", **given)
    response = Response(body, refusal.status if refusal else 200, mimetype="text/html")
    if refusal and "retry_after" in refusal.extra:
        response.headers["Retry-After"] = str(refusal.extra["retry_after"])
    return response


def _rules_at(place: Place) -> SiteRules:
    return rules_of(sites.by_id(services().database, place.story.site_id))
