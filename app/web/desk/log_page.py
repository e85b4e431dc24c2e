"""/queue/log: what was decided."""

import msgspec
from flask import render_template

from app import ids
from app.accounts.identity import Identity
from app.moderation import history
from app.web.desk import navigation
from app.web.endpoint import page
from app.web.services import services


class Before(msgspec.Struct):
    """Which decisions: those before one."""

    before: str | None = None


@page("GET", "/queue/log", "moderate", asks=Before)
def show_log(caller: Identity, query: Before) -> str:
    """The latest decisions at the caller's sites, each with its undo."""
    with services().database.reading() as session:
        # what names no decision leads to the latest ones
        before = query.before if query.before and ids.parse(query.before) else None
        decisions, more = history.of_sites(session, caller.account_id, navigation.sites_of(caller), before)
    return render_template("desk/log.html", decisions=decisions, more=more)
