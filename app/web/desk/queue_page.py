"""/queue and /queue/log: what waits for a decision, and what was decided."""

import msgspec
from flask import render_template

from app import clock, ids
from app.accounts.identity import Identity
from app.moderation import history
from app.review_queue import kinds, listing
from app.web.desk import navigation
from app.web.endpoint import page
from app.web.services import services


class Shown(navigation.Wanted):
    """Which items, and what the moderator has just decided."""

    decided: str | None = None


class Before(msgspec.Struct):
    """Which decisions: those before one."""

    before: str | None = None


@page("GET", "/queue", "moderate", asks=Shown)
def show_queue(caller: Identity, query: Shown) -> str:
    """The open items of the caller's sites, the worst first."""
    site_ids = navigation.sites_of(caller)
    with services().database.reading() as session:
        found = listing.slice_after(session, site_ids, query.kind, query.cursor)
        counts = listing.counts(session, site_ids)
        decided = navigation.decided(session, caller, query.decided)
    return render_template(
        "desk/queue.html",
        rows=found.rows,
        counts=counts,
        kinds=kinds.in_use().all,
        wanted=query,
        decided=decided,
        next=found.next,
        now=clock.now(),
    )


@page("GET", "/queue/log", "moderate", asks=Before)
def show_log(caller: Identity, query: Before) -> str:
    """The latest decisions at the caller's sites, each with its undo."""
    with services().database.reading() as session:
        # what names no decision leads to the latest ones
        before = query.before if query.before and ids.parse(query.before) else None
        decisions, more = history.of_sites(session, navigation.sites_of(caller), before)
    return render_template("desk/log.html", decisions=decisions, more=more)
