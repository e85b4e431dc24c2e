"""What we know of a reader, for the reader: one JSON document, made in pieces so that its size does not matter.

Reporters and moderators are in none of it. Each slice of rows is a short read of its own; the document is not
one instant's picture, which nobody needs of their own data.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from app.accounts.download_sections import SECTIONS, Section
from app.db import Database
from app.models import Account, Comment, Revision, Trait

SLICE_ROWS = 500
encode = msgspec.json.Encoder().encode

ACCOUNT = (
    "id",
    "email",
    "name",
    "name_changed_at",
    "name_check",
    "verified_at",
    "mail_refused_at",
    "rules_version",
    "reactions_left_out",
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
    for name, section in SECTIONS.items():
        yield from _array(name, database, _slicer(section, account_id))
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


def _slicer(section: Section, account_id: int) -> Slicer:
    keys = tuple_(*(getattr(section.table, key) for key in section.keys))

    def next_slice(session: Session, last: Any) -> tuple[list[dict[str, Any]], Any]:
        rows = select(section.table).where(section.of(account_id))
        following = rows if last is None else rows.where(keys > last)
        found = session.scalars(following.order_by(*keys.clauses).limit(SLICE_ROWS)).all()
        last = tuple(getattr(found[-1], key) for key in section.keys) if found else last
        return [_columns(row, section.columns) for row in found], last

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
