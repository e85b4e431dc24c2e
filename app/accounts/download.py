"""What we know of a reader, for the reader: one JSON document, made in pieces so that its size does not matter.

Reporters and moderators are in none of it. Each slice of rows is a short read of its own; the document is not
one instant's picture, which nobody needs of their own data.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.db import Database
from app.models import (
    Account,
    Appeal,
    Comment,
    EarlierName,
    Letter,
    Login,
    Reaction,
    Report,
    Revision,
    Sanction,
    Statement,
    Termination,
    Trait,
)

SLICE_ROWS = 500
encode = msgspec.json.Encoder().encode

# section: (table, the column that it is sliced by, the columns that its owner gets)
SECTIONS: dict[str, tuple[type[Any], str, tuple[str, ...]]] = {
    "logins": (Login, "id", ("provider", "subject", "created_at")),
    "earlier_names": (EarlierName, "id", ("name", "until")),
    "comments": (
        Comment,
        "id",
        ("id", "story_id", "parent_id", "text", "state", "revision", "respect_count", "created_at", "edited_at"),
    ),
    "reports_made": (Report, "id", ("subject_type", "subject_id", "rule", "note", "outcome", "created_at")),
    "reactions": (Reaction, "comment_id", ("comment_id", "kind", "created_at")),
    "sanctions": (Sanction, "id", ("kind", "starts_at", "ends_at", "acknowledged_at", "lifted_at")),
    "statements": (
        Statement,
        "id",
        ("id", "restrictions", "rule", "text", "language", "applies_from", "applies_until", "created_at"),
    ),
    "appeals": (Appeal, "id", ("text", "created_at", "overturned", "reply", "answered_at")),
    "terminations": (
        Termination,
        "id",
        ("subscription_id", "method", "state", "amount", "currency", "created_at", "judged_at", "done_at"),
    ),
}
LETTERS = ("kind", "language", "created_at", "sent_at")
ACCOUNT = (
    "id",
    "email",
    "name",
    "name_changed_at",
    "name_check",
    "verified_at",
    "rules_version",
    "language",
    "created_at",
)


def pieces(database: Database, account_id: int) -> Iterator[bytes]:
    """The document in UTF-8, piece by piece: {"account": {...}, "comments": [...], ...}. Times are ISO 8601 in UTC.

    Takes the database, since it lasts as long as its receiver: no transaction may.
    """
    with database.reading() as session:
        account = session.get_one(Account, account_id)
    yield b'{"account":' + encode(_columns(account, ACCOUNT))
    for name, (table, key, columns) in SECTIONS.items():
        yield from _array(name, database, _slicer(table, key, columns, account_id))
    # those to somebody else's address would tell whether anybody pays with it
    to_them = Letter.customer_id.is_(None)
    yield from _array("letters", database, _slicer(Letter, "id", LETTERS, account_id, to_them))
    yield from _array("earlier_texts", database, _revisions(account_id))
    yield from _array("payment_identities", database, _payment_identities(account_id))
    yield b"}"


Slicer = Callable[[Session, Any], tuple[list[dict[str, Any]], Any]]


def _array(name: str, database: Database, slicer: Slicer) -> Iterator[bytes]:
    yield b"," + encode(name) + b":["
    last, separator = None, b""
    while True:
        with database.reading() as session:
            rows, last = slicer(session, last)
        for row in rows:
            yield separator + encode(row)
            separator = b","
        if len(rows) < SLICE_ROWS:
            break
    yield b"]"


def _slicer(
    table: type[Any], key: str, columns: tuple[str, ...], account_id: int, *which: ColumnElement[bool]
) -> Slicer:
    column = getattr(table, key)

    def next_slice(session: Session, last: Any) -> tuple[list[dict[str, Any]], Any]:
        rows = select(table).where(table.account_id == account_id, column > (last or 0), *which)
        found = session.scalars(rows.order_by(column).limit(SLICE_ROWS)).all()
        return [_columns(row, columns) for row in found], getattr(found[-1], key) if found else last

    return next_slice


def _revisions(account_id: int) -> Slicer:
    """Texts of comments before they were edited."""

    def next_slice(session: Session, last: Any) -> tuple[list[dict[str, Any]], Any]:
        comment_id, number = last or (0, 0)
        after = (Revision.comment_id > comment_id) | ((Revision.comment_id == comment_id) & (Revision.number > number))
        found = session.execute(
            select(Revision.comment_id, Revision.number, Revision.text, Revision.created_at)
            .join(Comment, Comment.id == Revision.comment_id)
            .where(Comment.account_id == account_id, Revision.number < Comment.revision, after)
            .order_by(Revision.comment_id, Revision.number)
            .limit(SLICE_ROWS)
        ).all()
        rows = [_shown(dict(row._mapping)) for row in found]
        return rows, (found[-1].comment_id, found[-1].number) if found else last

    return next_slice


def _payment_identities(account_id: int) -> Slicer:
    """Of what they paid with we keep keyed digests, which tell nobody anything; so these are told by their kind."""

    def next_slice(session: Session, _last: Any) -> tuple[list[dict[str, Any]], Any]:
        kept = (
            select(
                Trait.kind,
                func.min(Trait.first_seen_at).label("first_seen_at"),
                func.max(Trait.last_seen_at).label("last_seen_at"),
            )
            .where(Trait.account_id == account_id)
            .group_by(Trait.kind)
            .order_by(Trait.kind)
        )
        return [dict(row._mapping) for row in session.execute(kept)], None

    return next_slice


def _columns(row: Any, columns: tuple[str, ...]) -> dict[str, Any]:
    return _shown({column: getattr(row, column) for column in columns})


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Ids are strings in JSON, as in the API."""
    return {name: str(v) if name.endswith("id") and isinstance(v, int) else v for name, v in row.items()}
