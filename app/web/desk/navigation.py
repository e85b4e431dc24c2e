"""What the desk's pages and its API share: the caller's sites, and the way through the queue."""

from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlencode

import msgspec
from sqlalchemy.orm import Session

from app import ids
from app.accounts.identity import Identity
from app.kinds import KINDS
from app.models.role import ALL_SITES
from app.moderation import history
from app.moderation.history import Decided
from app.stories import sites
from app.web import forms
from app.web.services import services

if TYPE_CHECKING:
    Kind = str
else:
    Kind = Literal[tuple(kind.name for kind in KINDS)]


class Wanted(msgspec.Struct):
    """Which items: of one kind, after a place that an earlier answer gave."""

    kind: Annotated[Kind | None, msgspec.Meta(description="What they ask about; without it everything.")] = None
    cursor: forms.Cursor = None


class Came(msgspec.Struct):
    """Where a moderator comes from: the kind they work on, and what they have just decided."""

    kind: Kind | None = None
    decided: str | None = None


def sites_of(caller: Identity) -> list[int]:
    """The sites whose queue the caller works."""
    if ALL_SITES in caller.roles:
        return [site.id for site in sites.known(services().database)]
    return list(caller.roles)


def address(item_id: int | None, kind: str | None, decided: int | None = None) -> str:
    """The page of an item (None: the queue itself) for who works on a kind and has just decided something."""
    query = {"kind": kind, "decided": decided}
    given = urlencode({name: value for name, value in query.items() if value is not None})
    return (f"/queue/{item_id}" if item_id else "/queue") + (f"?{given}" if given else "")


def decided(session: Session, caller: Identity, decision: str | None) -> Decided | None:
    """The caller's own decision of that id, from which they came here."""
    decision_id = ids.parse(decision or "")
    found = history.one(session, caller.account_id, decision_id) if decision_id else None
    return found if found and found.decision.actor_id == caller.account_id else None
