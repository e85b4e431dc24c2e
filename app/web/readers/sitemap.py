"""/sitemap.xml: the pages of the stories that have comments, for search engines. One for all newspapers of the house,
whose conversations share a host.
"""

from collections.abc import Iterable
from datetime import datetime
from xml.etree import ElementTree

import msgspec
from flask import Response

from app import cursors
from app.accounts.identity import Identity
from app.threads import listing
from app.web import forms, shared_bodies
from app.web.endpoint import feed
from app.web.services import services

PATH = "/sitemap.xml"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


class SitemapQuery(msgspec.Struct):
    """Where a part begins; without it all, or the list of its parts."""

    cursor: forms.Cursor = None


@feed(PATH, asks=SitemapQuery)
def show_sitemap(_caller: Identity, query: SitemapQuery) -> Response:
    """The stories with comments, or the parts that they come in where they are many."""
    with services().database.reading() as session:
        begins = listing.parts(session) if query.cursor is None else [int(cursors.decode(query.cursor)[0])]
        if len(begins) > 1:
            return _xml("sitemapindex", "sitemap", ((f"{PATH}?cursor={begin}", None) for begin in begins))
        stories = listing.of_part(session, begins[0]) if begins else []
    return _xml("urlset", "url", ((f"/stories/{story}", last_at) for story, last_at in stories))


def _xml(root: str, each: str, listed: Iterable[tuple[str, datetime | None]]) -> Response:
    made = ElementTree.Element(root, xmlns=NAMESPACE)
    for path, changed_at in listed:
        entry = ElementTree.SubElement(made, each)
        ElementTree.SubElement(entry, "loc").text = services().settings.public_url + path
        if changed_at is not None:
            ElementTree.SubElement(entry, "lastmod").text = changed_at.isoformat()
    return shared_bodies.of_bytes(ElementTree.tostring(made, encoding="utf-8", xml_declaration=True), "application/xml")
