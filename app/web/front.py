"""The front page, and the rules of the house."""

from flask import render_template
from sqlalchemy import select

from app.accounts.identity import Identity
from app.models import Account, Story
from app.web.endpoint import page
from app.web.services import services

NEWEST = 30


@page("GET", "/", "read")
def show_front(_caller: Identity) -> str:
    """The newest stories that have comments."""
    with services().database.reading() as session:
        stories = session.scalars(select(Story).order_by(Story.id.desc()).limit(NEWEST)).all()
    return render_template("front.html", stories=stories)


@page("GET", "/rules", "read")
def show_rules(caller: Identity) -> str:
    """The rules that readers accept, and for whom has not, the button to do so."""
    accepted = None
    if caller.account_id:
        with services().database.reading() as session:
            accepted = session.scalar(select(Account.rules_version).where(Account.id == caller.account_id))
    return render_template("rules.html", rules=services().policy.rules, accepted=accepted)
