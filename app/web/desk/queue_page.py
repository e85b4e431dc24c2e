"""/queue: what waits for a decision."""

from flask import render_template

from app import clock
from app.accounts.identity import Identity
from app.review_queue import kinds, listing
from app.web.desk import navigation
from app.web.endpoint import page
from app.web.services import services


class Shown(navigation.Wanted):
    """Which items, and what the moderator has just decided."""

    decided: str | None = None


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
