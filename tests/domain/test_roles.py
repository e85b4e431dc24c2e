import pytest
from sqlalchemy import select

from app.accounts import identity, roles
from app.db import Database
from app.errors import NotFound
from app.models import LedgerEntry, Story
from app.models.role import ADMINISTRATOR, EDITOR, MODERATOR
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.telling import telling


def actions(database: Database) -> list[str]:
    with database.reading() as session:
        return [entry.action for entry in session.query(LedgerEntry).order_by(LedgerEntry.id)]


def test_a_role_is_given_and_taken_once_each_with_a_line_in_the_ledger(database: Database) -> None:
    with database.transaction() as session:
        site, reader = factories.site(session), factories.account(session)
        for _time in range(2):
            roles.grant(session, reader, MODERATOR, site_id=site.id, actor_id=None)
    with database.transaction() as session:
        held = identity.load(session, reader.id, 0)
        assert held.has_role(MODERATOR, site.id)
        assert not held.has_role(EDITOR, site.id)
        assert not held.has_role(MODERATOR, site.id + 1)
        for _time in range(2):
            roles.revoke(session, reader, MODERATOR, site_id=site.id, actor_id=None)
        assert not identity.load(session, reader.id, 0).is_staff
    assert actions(database) == ["role.grant", "role.revoke"]


def test_the_badge_comes_and_goes_where_somebody_has_written(
    database: Database, settings: Settings, house: HouseRules
) -> None:
    scene = telling(assembled(settings, house, database))
    reader, revisions = scene.reader("Ada"), list[int]()
    scene.comment(reader)
    for turn in (roles.grant, roles.revoke, roles.revoke):
        with database.transaction() as session:
            turn(session, reader, MODERATOR, actor_id=None)
        scene.work()
        with database.reading() as session:
            revisions += session.scalars(select(Story.revision))
    # by which is known whether what was read stands
    assert revisions[0] < revisions[1] == revisions[2]


def test_the_command_line_finds_the_account_by_its_mailbox(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        site = factories.site(session, "gazette")
        reader = factories.account(session, email="ada@gmail.com", settings=settings)
        roles.grant_by_email(session, settings, "Ada+x@gmail.com", ADMINISTRATOR, None)
        roles.grant_by_email(session, settings, "ada@gmail.com", EDITOR, "gazette")
        held = identity.load(session, reader.id, 0)
        assert (held.has_role(ADMINISTRATOR), held.has_role(EDITOR, site.id)) == (True, True)
        for email, key in (("nobody@example.org", None), ("ada@gmail.com", "unknown")):
            with pytest.raises(NotFound):
                roles.grant_by_email(session, settings, email, EDITOR, key)


def test_the_command_line_takes_every_role_or_says_which_are_left(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        sites = [factories.site(session, key) for key in ("gazette", "herald")]
        reader = factories.account(session, email="ada@gmail.com", settings=settings)
        for key in ("gazette", "herald", None):
            roles.grant_by_email(session, settings, "ada@gmail.com", EDITOR, key)
        left = [(EDITOR, "herald"), (EDITOR, None)]
        assert roles.revoke_by_email(session, settings, "ada@gmail.com", "gazette") == ([(EDITOR, "gazette")], left)
        assert roles.revoke_by_email(session, settings, "Ada+x@gmail.com", None) == (left, [])
        held = identity.load(session, reader.id, 0)
        assert not any(held.has_role(EDITOR, site.id) for site in sites)
    assert actions(database) == ["role.grant"] * 3 + ["role.revoke"] * 3
