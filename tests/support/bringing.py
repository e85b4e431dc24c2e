"""Bringing a file in, as `btl import` does."""

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.interchange.importer import Import, Tally
from app.interchange.parsing import Reading
from app.interchange.records import BadRow
from app.models import Account, Comment
from app.stories import sites
from config.policy import HouseRules
from config.settings import Settings
from tests.support.assembled import assembled


@dataclass
class Brought:
    """What came of it."""

    tally: Tally
    refused: list[BadRow] = field(default_factory=list)

    @property
    def reasons(self) -> dict[str | None, str]:
        """Why each id was refused."""
        return {row.id: row.reason for row in self.refused}


@dataclass(frozen=True)
class Bringing:
    """A paper that brings files in, under one name."""

    database: Database
    settings: Settings
    house: HouseRules
    source: str = "old"

    def bring(self, path: Path, reading: Reading = Reading(), *, orphans: bool = False) -> Brought:
        """Import `path` into the first site."""
        refused: list[BadRow] = []
        it = assembled(self.settings, self.house, self.database)
        job = Import(it, sites.by_key(self.database, None), self.source, refused.append, lambda *_: None, orphans)
        return Brought(job.run(path, reading), refused)


def told(session: Session) -> list[tuple[str, str, int, str]]:
    """What stands on all stories, in the order in which it is read: state, name, depth, text."""
    rows = session.execute(
        select(Comment.state, Account.name, Comment.depth, Comment.text)
        .join(Account, Account.id == Comment.account_id)
        .order_by(Comment.story_id, Comment.root_id, Comment.position)
    )
    return [(state, name, depth, words) for state, name, depth, words in rows]
