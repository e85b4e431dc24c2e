"""What the desk's pages and its API share: the caller's sites, and places in the queue."""

from math import isfinite
from typing import Literal

import msgspec

from app import ids
from app.accounts.identity import Identity
from app.errors import Malformed
from app.language import mark
from app.models.role import ALL_SITES
from app.moderation.queue import Place
from app.stories import sites
from app.web.services import services

Kind = Literal["comment", "account", "appeal", "notice", "payment"]


class Wanted(msgspec.Struct):
    """Which items: of one kind, after a place that an earlier answer gave."""

    kind: Kind | None = None
    cursor: str | None = None


def sites_of(caller: Identity) -> list[int]:
    """The sites whose queue the caller works."""
    if ALL_SITES in caller.roles:
        return [site.id for site in sites.known(services().database)]
    return list(caller.roles)


def cursor(place: Place | None) -> str | None:
    """A place in the queue, as addresses carry it."""
    return f"{place[0]!r}~{place[1]}" if place else None


def place(cursor: str | None) -> Place | None:
    """The place that a cursor names. Raises Malformed."""
    if cursor is None:
        return None
    priority, _, item = cursor.partition("~")
    item_id = ids.parse(item)
    try:
        number = float(priority)
    except ValueError:
        number = float("nan")
    if item_id is None or not isfinite(number):
        raise Malformed("bad_cursor", mark("There is no such place in the queue."), field="cursor")
    return number, item_id
