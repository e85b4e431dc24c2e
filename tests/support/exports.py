"""Exports that a test writes, and what comes of them: as they are read, and as they are brought in."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from app.db import Database
from app.interchange.importer import Import
from app.interchange.parsing import Reading, Row, rows
from app.interchange.records import BadRow, Place
from app.models import Account, Comment, Story
from app.stories import sites
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled

CSV = "id,author,story,parent,created_at,text\n"


class Brought(NamedTuple):
    """What came of an import: texts in the order in which they are read, and the refusals by their lines."""

    comments: list[Comment]
    refused: dict[Place, str]
    authors: dict[int, str]
    stories: dict[int, Story]

    @property
    def texts(self) -> list[str]:
        return [comment.text for comment in self.comments]


Bring = Callable[..., Brought]
Reader = Callable[..., "Read"]


def bringing(database: Database, house: HouseRules, settings: Settings, folder: Path) -> Bring:
    """Brings what a file in `folder` is to contain into the site "paper"."""

    def _bring(
        content: str | bytes,
        name: str = "a.csv",
        columns: Mapping[str, str] = {},
        html: bool | None = None,
        orphans: bool = False,
    ) -> Brought:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        refused: dict[Place, str] = {}

        def refuse(row: Any) -> None:
            assert row.line not in refused
            refused[row.line] = row.reason

        it = assembled(settings, house, database)
        job = Import(it, sites.by_key(database, "paper"), "old", refuse, lambda *_: None, orphans)
        job.run(path, Reading(columns, html))
        with database.reading() as session:
            return Brought(
                list(session.scalars(select(Comment).order_by(Comment.root_id, Comment.position))),
                refused,
                {account.id: account.name for account in session.scalars(select(Account))},
                {story.id: story for story in session.scalars(select(Story))},
            )

    return _bring


class Read(NamedTuple):
    """The rows of a file, and the refusals by their lines."""

    rows: list[Row]
    refused: dict[Place, str]

    @property
    def texts(self) -> list[str]:
        return [row.text for row in self.rows]


def reading(folder: Path) -> Reader:
    """Reads what a file in `folder` is to contain."""

    def _read(content: str | bytes, name: str = "a.csv") -> Read:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        found = list(rows(path))
        return Read(
            [row for row in found if isinstance(row, Row)],
            {row.line: row.reason for row in found if isinstance(row, BadRow)},
        )

    return _read


def lines(*records: dict[str, Any]) -> str:
    """JSON Lines of a comment each."""
    base = {"author": "ann", "story": "tide", "created_at": "2016-03-01T10:00:00Z"}
    return "".join(json.dumps(base | record) + "\n" for record in records)
