"""Feeds of the newest comments, of a story and of a newspaper: Atom (RFC 4287, replies by RFC 4685), JSON Feed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree

import msgspec
from flask import Response

from app import clock
from app.accounts.identity import Identity
from app.language import _, current
from app.stories import permalinks, sites, stories
from app.text import markup
from app.threads import newest
from app.threads.newest import NewComment
from app.web import forms, shared_bodies
from app.web.endpoint import feed
from app.web.services import services
from app.web.sites import SiteQuery

ATOM, THREADING = "http://www.w3.org/2005/Atom", "http://purl.org/syndication/thread/1.0"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
ATOM_TYPE, JSON_TYPE = "application/atom+xml", "application/feed+json"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

ElementTree.register_namespace("", ATOM)
ElementTree.register_namespace("thr", THREADING)


@dataclass(frozen=True)
class Feed:
    """What both formats say: `page` is the address that the comments are read at, `began_at` when there were none."""

    title: str
    page: str
    path: str
    began_at: datetime
    comments: Sequence[NewComment]

    @property
    def updated_at(self) -> datetime:
        """When something in it changed last."""
        return max((each.edited_at or each.created_at for each in self.comments), default=self.began_at)


@feed("/stories/<story>/feed.atom")
def show_story_atom(_caller: Identity, story: str) -> Response:
    """The newest comments on a story, as Atom."""
    return _atom(_of_story(story, "atom"))


@feed("/stories/<story>/feed.json")
def show_story_json(_caller: Identity, story: str) -> Response:
    """The newest comments on a story, as JSON Feed."""
    return _json(_of_story(story, "json"))


@feed("/feed.atom", asks=SiteQuery)
def show_site_atom(_caller: Identity, query: SiteQuery) -> Response:
    """The newest comments of a newspaper, as Atom."""
    return _atom(_of_site(query, "atom"))


@feed("/feed.json", asks=SiteQuery)
def show_site_json(_caller: Identity, query: SiteQuery) -> Response:
    """The newest comments of a newspaper, as JSON Feed."""
    return _json(_of_site(query, "json"))


def _of_story(story: str, kind: str) -> Feed:
    with services().database.reading() as session:
        found = stories.by_id(session, forms.path_id(story))
        comments = newest.of_story(session, found.id)
    title = _("Comments on “%(story)s”", story=stories.headline(found))
    page = f"/stories/{found.id}"
    return Feed(title, page, f"{page}/feed.{kind}", found.created_at, comments)


def _of_site(query: SiteQuery, kind: str) -> Feed:
    site = sites.by_key(services().database, query.site)
    with services().database.reading() as session:
        comments = newest.of_site(session, site.id)
    title = _("Comments at %(paper)s", paper=site.name)
    return Feed(title, "/", f"/feed.{kind}?site={site.key}", clock.EPOCH, comments)


def _atom(found: Feed) -> Response:
    root = ElementTree.Element(f"{{{ATOM}}}feed", {LANGUAGE: current()})
    _add(root, "id", _url(found.page if found.page != "/" else found.path))
    _add(root, "title", found.title)
    _add(root, "updated", found.updated_at.isoformat())
    _add(root, "link", rel="self", type=ATOM_TYPE, href=_url(found.path))
    _add(root, "link", rel="alternate", type="text/html", href=_url(found.page))
    for comment in found.comments:
        _add_entry(root, comment)
    body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return shared_bodies.of_bytes(body, ATOM_TYPE)


def _add_entry(root: ElementTree.Element, comment: NewComment) -> None:
    address = permalinks.ours(services().settings.public_url, comment.id)
    entry = _add(root, "entry")
    _add(entry, "id", address)
    _add(entry, "title", _title(comment))
    _add(entry, "published", comment.created_at.isoformat())
    _add(entry, "updated", (comment.edited_at or comment.created_at).isoformat())
    _add(_add(entry, "author"), "name", comment.name)
    _add(entry, "link", rel="alternate", type="text/html", href=address)
    if comment.parent_id is not None:
        answered = permalinks.ours(services().settings.public_url, comment.parent_id)
        ElementTree.SubElement(entry, f"{{{THREADING}}}in-reply-to", ref=answered, href=answered)
    _add(entry, "content", markup.render(comment.text), type="html")


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, f"{{{ATOM}}}{tag}", attributes)
    made.text = _NOT_XML.sub("\ufffd", text) or None
    return made


def _json(found: Feed) -> Response:
    items = [_item(comment) for comment in found.comments]
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": found.title,
        "language": current(),
        "home_page_url": _url(found.page),
        "feed_url": _url(found.path),
        "items": items,
    }
    return shared_bodies.of_bytes(msgspec.json.encode(body), JSON_TYPE)


def _item(comment: NewComment) -> dict[str, object]:
    address = permalinks.ours(services().settings.public_url, comment.id)
    item: dict[str, object] = {
        "id": address,
        "url": address,
        "title": _title(comment),
        "content_html": markup.render(comment.text),
        "date_published": comment.created_at,
        "authors": [{"name": comment.name}],
    }
    return item if comment.edited_at is None else item | {"date_modified": comment.edited_at}


def _title(comment: NewComment) -> str:
    return _("%(name)s on “%(story)s”", name=comment.name, story=stories.headline(comment.story))


def _url(path: str) -> str:
    return services().settings.public_url + path
