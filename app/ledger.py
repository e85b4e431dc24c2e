"""The audit trail: one row for every action of staff and machine, appended in the transaction that acts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app import clock
from app.ids import new_id
from app.models import LedgerEntry

Detail = str | int | bool | None


@dataclass(frozen=True)
class Entry:
    """Who (None: the machine) did what to what; `action` is a dotted verb such as "comment.remove".

    Details are codes, ids (as strings) and keyed digests: never a text, a name, an address or a free note.
    """

    actor_id: int | None
    action: str
    subject_type: str
    subject_id: int
    site_id: int | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)


def append(session: Session, entry: Entry) -> None:
    """Write an entry, of this moment."""
    session.add(
        LedgerEntry(
            id=new_id(),
            at=clock.now(),
            actor_id=entry.actor_id,
            action=entry.action,
            subject_type=entry.subject_type,
            subject_id=entry.subject_id,
            site_id=entry.site_id,
            details=dict(entry.details),
        )
    )
