"""A reader proves their mailbox while their history comes in: whichever is first, all of it is theirs."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.accounts import standing
from app.db import Database, retrying
from app.interchange.importer import BATCH_ROWS
from app.models import Account, Comment
from app.models.account import IMPORT
from app.sign_in import sign_up
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.bringing import Bringing
from tests.support.together import at_once

MAILBOX = "ann@example.com"


@pytest.mark.parametrize("taken_first", [0, BATCH_ROWS])
def test_no_comment_is_left_behind(
    database: Database, settings: Settings, house: HouseRules, tmp_path: Path, taken_first: int
) -> None:
    with database.transaction() as session:
        factories.site(session, "paper")
        ann = factories.account(session, "Ann Here", email=MAILBOX, settings=settings, verified=False).id
    row = {"author": "Ann", "author_id": "17", "confirmed_email": MAILBOX, "story": "tide", "text": "x"}
    lines = [json.dumps(row | {"id": f"n{n}", "created_at": 1456826400 + n}) + "\n" for n in range(2 * BATCH_ROWS)]
    paper, path = Bringing(database, settings, house), tmp_path / "old.jsonl"
    path.write_text("".join(lines))

    def confirm() -> None:
        with database.transaction() as session:
            sign_up.confirm(session, settings, house, standing.lock(session, ann))

    def act(number: int) -> None:
        if number:
            paper.bring(path)
            return
        while count(database) < taken_first:
            pass
        retrying(confirm)()

    at_once(act, 2)
    with database.reading() as session:
        assert session.scalars(select(Comment.account_id).distinct()).all() == [ann]
        assert count(database) == len(lines)
        left = session.scalars(select(Account).where(Account.origin == IMPORT)).all()
        assert {author.state for author in left} <= {"erased"}


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(Comment.id))) or 0
