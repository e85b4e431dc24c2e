"""GET /api/v1/items, one item, and the record of a reader: what programs of moderators read."""

from app.accounts import permissions
from app.accounts.identity import Identity
from app.moderation import casefile, queue, record
from app.stories import sites
from app.web import desk, desk_views, forms
from app.web.desk_views import ItemDetail, Items, RecordView
from app.web.endpoint import endpoint
from app.web.services import services


@endpoint("GET", "/api/v1/items", "moderate", asks=desk.Wanted, gives={200: Items})
def list_items(caller: Identity, query: desk.Wanted) -> Items:
    """The open items of the caller's sites, the worst first."""
    site_ids = desk.sites_of(caller)
    with services().database.reading() as session:
        page = queue.page(session, site_ids, query.kind, desk.place(query.cursor))
        counts = queue.counts(session, site_ids)
    return Items([desk_views.line(row) for row in page.rows], counts, desk.cursor(page.next))


@endpoint("GET", "/api/v1/items/<item>", "moderate", gives={200: ItemDetail})
def show_item(caller: Identity, item: str) -> ItemDetail:
    """An item with its context, signals, reports, decisions and its author's record."""
    with services().database.reading() as session:
        case = casefile.read(session, forms.path_id(item))
        permissions.require(caller, "moderate", case.item.site_id)
        policy = sites.policy_at(session, case.item.site_id, services().policy)
    return desk_views.detail(case, policy)


@endpoint("GET", "/api/v1/accounts/<account>", "moderate", gives={200: RecordView})
def show_account(_caller: Identity, account: str) -> RecordView:
    """A reader's record: standing, strikes, decisions, earlier names."""
    with services().database.reading() as session:
        return desk_views.record(record.of(session, forms.path_id(account)))
