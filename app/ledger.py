"""The audit trail: one row for every action of staff and machine, appended in the transaction that acts."""

from sqlalchemy.orm import Session

from app import clock
from app.ids import new_id
from app.models import LedgerEntry

Detail = str | int | bool | None


def append(
    session: Session,
    actor_id: int | None,
    action: str,
    subject_type: str,
    subject_id: int,
    *,
    site_id: int | None = None,
    **details: Detail,
) -> None:
    """Record that `actor_id` (None: the machine) did `action`, a dotted verb such as "comment.remove".

    Details are codes, ids (as strings) and keyed digests: never a text, a name, an address or a free note.
    """
    session.add(
        LedgerEntry(
            id=new_id(),
            at=clock.now(),
            actor_id=actor_id,
            action=action,
            subject_type=subject_type,
            subject_id=subject_id,
            site_id=site_id,
            details=details,
        )
    )
