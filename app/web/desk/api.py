"""GET /api/v1/items, one item, and the record of a reader: what programs of moderators read."""

from app.accounts.identity import Identity
from app.moderation import casefile, reader_record
from app.review_queue import listing
from app.stories import sites
from app.web import forms
from app.web.desk import navigation, views
from app.web.desk.views import ItemDetail, Items, RecordView
from app.web.endpoint import endpoint, refuses
from app.web.services import services


@endpoint("GET", "/api/v1/items", "moderate", asks=navigation.Wanted, gives={200: Items})
@refuses("bad_cursor")
def list_items(caller: Identity, query: navigation.Wanted) -> Items:
    """The open items of the caller's sites, the worst first."""
    site_ids = navigation.sites_of(caller)
    with services().database.reading() as session:
        found = listing.slice_after(session, site_ids, query.kind, query.cursor)
        counts = listing.counts(session, site_ids)
    return Items([views.line(row) for row in found.rows], counts, found.next)


@endpoint("GET", "/api/v1/items/<item>", "moderate", gives={200: ItemDetail})
def show_item(caller: Identity, item: str) -> ItemDetail:
    """An item with its context, signals, reports, decisions and its author's record."""
    with services().database.reading() as session:
        case = casefile.read(session, caller, forms.path_id(item))
        rules = sites.rules_at(session, case.item.site_id, services().house)
    return views.detail(case, rules)


@endpoint("GET", "/api/v1/accounts/<account>", "moderate", gives={200: RecordView})
def show_account(caller: Identity, account: str) -> RecordView:
    """A reader's record: standing, strikes, decisions, earlier names."""
    with services().database.reading() as session:
        return views.record(reader_record.of(session, caller, forms.path_id(account)))
