"""Who proves the mailbox that an old system had confirmed gets what they wrote there, with all that hangs on it."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from app import clock, retention
from app.accounts import erasure, mutes, names, standing
from app.accounts.old_bans import OLD_BAN
from app.db import Database
from app.errors import Conflict
from app.models import Account, Comment, Item, Login, Mute, Role, Site, Statement, Trait
from app.models.role import MODERATOR
from app.models.sanction import BAN
from app.moderation import decisions, statements
from app.moderation.decisions import Intent
from app.payers import mailboxes
from app.sign_in import sign_up
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating, old_systems
from tests.support.bringing import Bringing, Brought

MAILBOX, ALIAS = "ann.archer@gmail.com", "annarcher+old@googlemail.com"


@dataclass(frozen=True)
class Scene:
    """A paper, into which a history is brought, and to which readers come."""

    paper: Bringing
    folder: Path

    def bring(self, *rows: dict[str, Any]) -> Brought:
        path = self.folder / "old.jsonl"
        base = {"author": "Ann", "author_id": "17", "story": "tide", "created_at": "2016-03-01T10:00:00Z", "text": "x"}
        path.write_text("".join(json.dumps(base | {"id": str(n)} | row) + "\n" for n, row in enumerate(rows, start=1)))
        return self.paper.bring(path)

    def reader(self, email: str = MAILBOX, name: str = "Ann Elsewhere") -> int:
        """Somebody who has signed up, and not read the letter yet."""
        with self.paper.database.transaction() as session:
            return factories.account(session, name, email=email, settings=self.paper.settings, verified=False).id

    def confirm(self, account_id: int) -> None:
        with self.paper.database.transaction() as session:
            account = standing.lock(session, account_id)
            sign_up.confirm(session, self.paper.settings, self.paper.house, account)

    def owners(self) -> list[int]:
        with self.paper.database.reading() as session:
            return list(session.scalars(select(Comment.account_id).order_by(Comment.id)))


@pytest.fixture
def scene(database: Database, settings: Settings, house: HouseRules, tmp_path: Path) -> Scene:
    with database.transaction() as session:
        factories.site(session, "paper")
    return Scene(Bringing(database, settings, house), tmp_path)


@pytest.mark.parametrize("spelt", [MAILBOX, ALIAS])
def test_what_they_wrote_is_theirs_once_they_have_read_the_letter(scene: Scene, spelt: str) -> None:
    scene.bring(
        {"confirmed_email": spelt}, {"confirmed_email": spelt, "parent": "1"}, {"author_id": "18", "author": "B"}
    )
    ann = scene.reader()
    assert ann not in scene.owners()
    scene.confirm(ann)
    owners = scene.owners()
    assert [owner == ann for owner in owners] == [True, True, False]


def test_what_is_brought_in_later_is_theirs_at_once(scene: Scene) -> None:
    scene.bring({"confirmed_email": MAILBOX})
    ann = scene.reader()
    scene.confirm(ann)
    scene.bring({"confirmed_email": MAILBOX}, {"confirmed_email": MAILBOX}, {"text": "known by the id alone"})
    assert scene.owners() == [ann] * 3


def test_so_it_is_if_they_were_here_first(scene: Scene) -> None:
    ann = scene.reader()
    scene.confirm(ann)
    scene.bring({"confirmed_email": ALIAS})
    assert scene.owners() == [ann]


def test_what_is_brought_in_of_somebody_who_has_erased_names_nobody(
    scene: Scene, database: Database, house: HouseRules
) -> None:
    row = {"confirmed_email": MAILBOX, "author_id": ""}
    scene.bring(row)
    ann = scene.reader()
    scene.confirm(ann)
    with database.transaction() as session:
        erasure.erase(session, ann)
    scene.bring(*[row] * 2)
    assert scene.owners() == [ann] * 2
    with database.reading() as session:
        assert set(session.scalars(select(Account.name))) == {"Deleted account"}
        assert session.scalars(select(Login.subject)).all() == []
    # unless they have come again
    again = scene.reader()
    scene.confirm(again)
    scene.bring(*[row] * 3)
    assert scene.owners() == [ann, ann, again]
    # who has erased their account is forgotten in the end, author and all
    with time_machine.travel(clock.now() + timedelta(days=house.retention.quarantine_days + 1)):
        retention.forget(database, house, {})
    with database.reading() as session:
        assert set(session.scalars(select(Trait.account_id))) == {again}


def test_an_address_that_somebody_only_typed_brings_nobody_anything(scene: Scene, tmp_path: Path) -> None:
    ann, bob = scene.reader("ann@example.com"), scene.reader("bob@example.com", "Bob Elsewhere")
    scene.paper.bring(old_systems.wordpress(tmp_path))
    for account_id in (ann, bob):
        scene.confirm(account_id)
    # Ann was signed in there; Bob was a guest, who may have been anybody
    assert {ann, bob} & set(scene.owners()) == {ann}


@pytest.mark.parametrize("first", ["history", "reader"])
def test_a_letter_of_remark42_is_as_good_as_an_address(scene: Scene, tmp_path: Path, first: str) -> None:
    ann = scene.reader("Ann@example.com")
    if first == "reader":
        scene.confirm(ann)
    scene.paper.bring(old_systems.remark42(tmp_path))
    if first == "history":
        scene.confirm(ann)
    # two comments and one that is gone, of which nobody is the author
    assert [owner == ann for owner in scene.owners()] == [True, False, False, True]


def test_nor_does_one_that_is_typed_here(scene: Scene) -> None:
    scene.bring({"confirmed_email": MAILBOX})
    somebody = scene.reader("someone@example.org", "Somebody")
    scene.confirm(somebody)
    unconfirmed = scene.reader()
    assert {somebody, unconfirmed} & set(scene.owners()) == set()


def test_the_old_name_is_free_for_them(scene: Scene, database: Database, house: HouseRules) -> None:
    scene.bring({"confirmed_email": MAILBOX})
    ann = scene.reader()
    scene.confirm(ann)
    with database.transaction() as session:
        assert names.change(session, house, ann, "Ann", []).name == "Ann"


def test_and_for_nobody_before(scene: Scene, database: Database, house: HouseRules) -> None:
    scene.bring({"confirmed_email": MAILBOX})
    with database.transaction() as session:
        other = factories.account(session, "Somebody")
        with pytest.raises(Conflict, match="name_taken"):
            names.change(session, house, other.id, "Ann", [])


def test_a_ban_of_the_author_binds_whoever_they_turn_out_to_be(
    scene: Scene, database: Database, settings: Settings
) -> None:
    scene.bring({"confirmed_email": MAILBOX})
    ann = scene.reader()
    with database.transaction() as session:
        author = session.get_one(Account, scene.owners()[0])
        factories.sanction(session, author, BAN, at=session.scalars(select(Site)).one())
    scene.confirm(ann)
    with database.reading() as session:
        assert standing.read(session, ann).kind == BAN
        assert mailboxes.token(settings, MAILBOX) in set(session.scalars(select(Trait.token)))
    assert scene.owners() == [ann]


def test_a_question_about_a_comment_goes_with_it_and_was_seen_otherwise(
    scene: Scene, database: Database, house: HouseRules
) -> None:
    scene.bring({"confirmed_email": MAILBOX, "text": "bad [threat=0.999]"})
    ann = scene.reader()
    with database.reading() as session:
        seen = session.scalars(select(Item)).one()
        (about,) = statements.own(session, seen.account_id or 0)
    scene.confirm(ann)
    # what the machine said of the author is theirs to read for longer than until the night
    retention.forget(database, house, {})
    with database.transaction() as session:
        moderator = moderating.moderator(session)
        stale = Intent(seen.id, seen.revision, "ban", "threat", "A threat.")
        with pytest.raises(Conflict, match="stale"):
            decisions.decide(session, house, moderator, stale)
    with database.transaction() as session:
        item = session.scalars(select(Item)).one()
        assert item.account_id == ann
        # the statement of what the machine did is theirs to read, and to appeal against
        assert [issued.statement.id for issued in statements.own(session, ann)] == [about.statement.id]
        decisions.decide(session, house, moderator, Intent(item.id, item.revision, "ban", "threat", "A threat."))
        assert standing.read(session, ann).kind == BAN
        assert session.scalar(select(func.count(Statement.id))) == 2


def test_nobody_gets_a_role(scene: Scene, database: Database) -> None:
    with database.transaction() as session:
        moderator = factories.staff(session, MODERATOR)
    scene.bring({"confirmed_email": moderator.email, "author": "The Moderator", "author_id": "admin"})
    with database.reading() as session:
        assert session.scalar(select(func.count(Role.id))) == 1


def test_who_did_not_read_the_author_does_not_read_them(scene: Scene, database: Database) -> None:
    scene.bring({"confirmed_email": MAILBOX})
    ann = scene.reader()
    with database.transaction() as session:
        once, twice = (factories.account(session).id for _ in range(2))
        for reader in (once, twice):
            mutes.mute(session, reader, scene.owners()[0])
        mutes.mute(session, twice, ann)
    scene.confirm(ann)
    with database.reading() as session:
        for reader in (once, twice):
            assert ann in set(session.scalars(select(Mute.muted_id).where(Mute.account_id == reader)))


def test_two_authors_of_one_mailbox_are_one_reader(scene: Scene) -> None:
    scene.bring(
        {"confirmed_email": MAILBOX, "author_id": "17"},
        {"confirmed_email": ALIAS, "author_id": "99", "author": "Old Ann"},
    )
    ann = scene.reader()
    scene.confirm(ann)
    assert scene.owners() == [ann, ann]


def test_what_is_no_address_is_nobodys(scene: Scene, database: Database) -> None:
    scene.bring({"confirmed_email": "nobody"}, {"confirmed_email": "a@b@c", "author_id": "18"})
    with database.reading() as session:
        assert session.scalar(select(func.count(Trait.token))) == 0
        assert session.scalar(select(func.count(Login.id))) == 2


# bans of the old system


def old_bans(database: Database) -> list[Item]:
    with database.reading() as session:
        return list(session.scalars(select(Item).where(Item.kind == OLD_BAN)))


def test_an_old_ban_is_a_question_and_binds_nobody_until_it_is_answered(
    scene: Scene, database: Database, tmp_path: Path
) -> None:
    brought = scene.paper.bring(old_systems.coral(tmp_path))
    assert brought.tally.bans == 1
    (item,) = old_bans(database)
    eve = scene.reader("eve@example.com", "Eve Again")
    scene.confirm(eve)
    with database.reading() as session:
        assert standing.read(session, eve).good
        assert session.get_one(Account, item.account_id).name in ("Eve", "Deleted account")


@pytest.mark.parametrize(("action", "kind"), [("keep_ban", BAN), ("dismiss", standing.GOOD)])
def test_the_answer_binds_whoever_has_the_mailbox(
    scene: Scene, database: Database, house: HouseRules, tmp_path: Path, action: str, kind: str
) -> None:
    scene.paper.bring(old_systems.coral(tmp_path))
    (item,) = old_bans(database)
    eve = scene.reader("eve@example.com", "Eve Again")
    with database.transaction() as session:
        intent = Intent(item.id, item.revision, action, "threat" if kind == BAN else None, "As it was there.")
        decisions.decide(session, house, moderating.moderator(session), intent)
    scene.confirm(eve)
    with database.reading() as session:
        assert standing.read(session, eve).kind == kind
        said = [issued.statement for issued in statements.own(session, eve)]
    assert len(said) == (kind == BAN)
    # asked once, however often the export is brought in
    retention.forget(database, house, {})
    scene.paper.bring(tmp_path / "coral")
    assert len(old_bans(database)) == 1
