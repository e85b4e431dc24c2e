"""docs/personal-data.md names every column, and what it says of the download and of erasures is so."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from app import clock, retention
from app.accounts import download, erasure
from app.accounts.download_sections import SECTIONS
from app.db import Database
from app.ids import new_id
from app.models import (
    Account,
    ApiKey,
    Appeal,
    Comment,
    EarlierName,
    Grant,
    Item,
    Job,
    Letter,
    Login,
    Notice,
    Report,
    Revision,
    Sanction,
    SuggestedScore,
    Trait,
)
from app.models.base import Model
from app.models.comment import DELETED, HELD, REMOVED
from app.models.job import DEAD
from app.models.letter import BANNED_SIGN_UP
from app.models.sanction import BAN
from app.models.trait import LOGIN
from app.moderation import statements
from app.payers import mailboxes
from app.sign_in import joined_accounts, resets, sign_up
from app.sign_in.foreign_log_in import SSO
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.personal_data import NOTHING, columns
from tests.support.repository import REPOSITORY

# what somebody has typed, or what names them
MARK = "Mallory-mark"
ELSEWHERE = {"earlier_texts": "comment_revisions", "payment_identities": "traits", "account": "accounts"}


def test_every_column_stands_in_the_table_once() -> None:
    there = Counter((table.name, column.name) for table in Model.metadata.sorted_tables for column in table.columns)
    assert Counter((column.table, column.name) for column in columns()) == there


def test_the_download_has_what_the_table_says_and_the_table_says_what_it_has() -> None:
    said = {(c.table, c.name): c.download for c in columns() if not c.download.startswith(NOTHING)}
    given = {(s.table.__tablename__, name): section for section, s in SECTIONS.items() for name in s.columns}
    given |= {("accounts", name): "account" for name in download.ACCOUNT}
    written_out = {key: section for key, section in said.items() if ELSEWHERE.get(section) == key[0]}
    assert said == given | written_out


def test_the_days_that_the_table_names_are_keys_of_the_policy() -> None:
    policy = (REPOSITORY / "config/policy.toml").read_text()
    for column in columns():
        for part in column.kept.split("`")[1::2]:
            assert f"\n{part} = " in policy, part


@pytest.fixture
def mallory(database: Database, settings: Settings, house: HouseRules) -> Account:
    """Somebody whose name, address and words are all over the database."""
    with database.transaction() as session:
        site = factories.site(session)
        story = factories.story(session, site)
        editor = factories.staff(session, "editor")
        reader = factories.account(
            session, MARK, email=f"{MARK}@example.org", settings=settings, password="long enough"
        )
        factories.subscribe(session, reader)
        now = clock.now()
        shown = factories.comment(session, story, reader, f"{MARK} published")
        shown.revision = 2
        session.add(Revision(comment_id=shown.id, number=2, text=shown.text, created_at=now))
        session.get_one(Revision, (shown.id, 1)).text = f"{MARK} before the edit"
        for state in (HELD, REMOVED, DELETED):
            factories.comment(session, story, reader, f"{MARK} {state}", state=state)
        items = {"site_id": site.id, "kind": "comment", "subject_type": "comment", "opened_at": now, "due_at": now}
        for state in ("closed", "open"):
            other = factories.comment(session, story, editor)
            item = Item(id=new_id(), subject_id=other.id, account_id=editor.id, state=state, reasons=[], **items)
            session.add(item)
            session.flush()
            session.add(
                Report(id=new_id(), account_id=reader.id, site_id=site.id, subject_type="comment", revision=1,
                       subject_id=other.id, rule="respect", note=f"{MARK} {state}", item_id=item.id, created_at=now)
            )  # fmt: skip
        sanction = factories.sanction(session, reader, BAN, at=site)
        session.add_all(
            [
                Appeal(id=new_id(), account_id=reader.id, decision_id=sanction.decision_id, text=f"{MARK} appeals",
                       reply=f"{MARK} is answered", answered_at=now, overturned=False, created_at=now),
                Grant(id=new_id(), account_id=reader.id, site_id=site.id, reason=f"{MARK} is known to us",
                      granted_by=editor.id, until=now, created_at=now),
                EarlierName(id=new_id(), account_id=reader.id, name=f"{MARK} the first", until=now),
                Letter(id=new_id(), account_id=reader.id, kind="verify", parameters={"to": MARK}, language="en",
                       created_at=now),
                Notice(id=new_id(), comment_id=shown.id, item_id=item.id, revision=1, snapshot=shown.text,
                       explanation=f"by {MARK}", language="en", name=MARK, email=f"{MARK}@example.org",
                       good_faith=True, receipt="r", created_at=now),
                Job(id=new_id(), kind=resets.ASK, payload={"email": f"{MARK}@example.org"}, state=DEAD,
                    unique_key=f"{resets.ASK}:{MARK}@example.org", run_at=now, created_at=now),
                Job(id=new_id(), kind=sign_up.AGAIN, payload={"email": f"{MARK}@EXAMPLE.ORG"}, run_at=now,
                    unique_key=f"{sign_up.AGAIN}:{MARK}@example.org", created_at=now),
                Job(id=new_id(), kind=sign_up.TELL, payload={"kind": BANNED_SIGN_UP, "account_id": str(reader.id),
                    "to": f"{MARK}@example.org"}, run_at=now, created_at=now),
                Job(id=new_id(), kind=resets.ASK, payload={"email": "somebody@example.org"}, run_at=now,
                    created_at=now),
            ]
        )  # fmt: skip
    return reader


def marked(database: Database) -> set[tuple[str, str]]:
    """The columns in which a mark still is."""
    found = set()
    with database.reading() as session:
        for table in Model.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                found |= {(table.name, name) for name, value in row.items() if MARK.casefold() in str(value).casefold()}
    return found


def erase(database: Database, account: Account) -> None:
    with database.transaction() as session:
        erasure.erase(session, account.id)


def nightly(database: Database, house: HouseRules) -> None:
    retention.forget(database, house, {})


def test_what_is_erased_at_once_is_gone_at_once(database: Database, mallory: Account) -> None:
    at_once = {(c.table, c.name) for c in columns() if c.erased in ("blank", "deleted")}
    assert marked(database) & at_once
    erase(database, mallory)
    assert marked(database) & at_once == set()
    with database.reading() as session:
        assert [job.payload for job in session.scalars(select(Job).where(Job.kind == resets.ASK))] == [
            {"email": "somebody@example.org"}
        ]


def gone_on(database: Database, settings: Settings, newer: Account) -> Account:
    """The account that the reader had before the paper signed them in, with which they go on."""
    with database.transaction() as session:
        way_in = {"provider": SSO, "subject": f"{MARK} there", "created_at": clock.now()}
        session.add(Login(id=new_id(), account_id=newer.id, **way_in))
        mailboxes.remember(session, newer.id, LOGIN, "log-in")
        older = factories.account(session, "Older", password=factories.PASSWORD)
        session.flush()
        joined_accounts.join(session, newer.id, moderating.identity_of(session, older))
    return older


def downloaded(database: Database, account: Account) -> dict[str, Any]:
    return json.loads(b"".join(download.pieces(database, account.id)))  # type: ignore[no-any-return]


def test_who_goes_on_with_an_older_account_has_all_of_the_newer_there(
    database: Database, settings: Settings, house: HouseRules, mallory: Account
) -> None:
    before = downloaded(database, mallory)
    older = gone_on(database, settings, mallory)
    moved = ("comments", "earlier_texts", "reports_made", "grants", "letters", "appeals", "assessments")
    assert [name for name in moved if downloaded(database, older)[name] != before[name]] == []
    names_them = {("accounts", "name"), ("accounts", "email"), ("earlier_names", "name"), ("logins", "secret")}
    assert marked(database) & names_them == set()
    with database.transaction() as session:
        session.scalars(select(Sanction)).one().lifted_at = clock.now()
    with time_machine.travel(clock.now() + timedelta(days=house.retention.quarantine_days + 1)):
        nightly(database, house)
    with database.reading() as session:
        assert len(statements.own(session, older.id)) == 1


@pytest.mark.parametrize("goes_on", [False, True], ids=["one account", "went on with an older"])
def test_after_an_erasure_and_its_periods_nothing_is_left_but_what_the_table_keeps(
    database: Database, settings: Settings, house: HouseRules, mallory: Account, goes_on: bool
) -> None:
    owner = gone_on(database, settings, mallory) if goes_on else mallory
    erase(database, owner)
    with database.transaction() as session:
        for item in session.scalars(select(Item)):
            item.state = "closed"
        session.scalars(select(Sanction)).one().lifted_at = clock.now()
    days = house.retention
    with time_machine.travel(clock.now() + timedelta(days=max(days.quarantine_days, days.notices_days) + 1)):
        nightly(database, house)
    stays = {(c.table, c.name) for c in columns() if c.erased.startswith("stays")}
    assert marked(database) == {("comments", "text"), ("comment_revisions", "text")} <= stays
    with database.reading() as session:
        assert [c.text for c in session.scalars(select(Comment).where(Comment.account_id == owner.id)) if c.text] == [
            f"{MARK} published"
        ]
        assert [r.number for r in session.scalars(select(Revision)) if MARK in r.text] == [2]
        assert not session.scalars(select(Trait).where(Trait.account_id.in_((owner.id, mallory.id)))).all()


def test_what_is_asked_about_them_waits_until_it_is_answered(
    database: Database, house: HouseRules, mallory: Account
) -> None:
    with database.transaction() as session:
        removed = session.scalars(select(Comment).where(Comment.state == REMOVED)).one()
        about = {"site_id": removed.site_id, "subject_id": removed.id, "account_id": mallory.id}
        at = {"opened_at": clock.now(), "due_at": clock.now()}
        question = Item(id=new_id(), kind="comment", subject_type="comment", reasons=[], **about, **at)
        session.add(question)
    erase(database, mallory)
    later = clock.now() + timedelta(days=house.retention.quarantine_days + 1)
    with time_machine.travel(later):
        nightly(database, house)
    with database.reading() as session:
        assert [r.note for r in session.scalars(select(Report)) if r.note] == [f"{MARK} open"]
        assert session.get_one(Comment, removed.id).text
    with database.transaction() as session:
        for item in session.scalars(select(Item)):
            item.state = "closed"
    with time_machine.travel(later):
        nightly(database, house)
    with database.reading() as session:
        assert not any(report.note for report in session.scalars(select(Report)))
        blanked = session.get_one(Comment, removed.id)
        assert (blanked.text, blanked.state) == ("", DELETED)


def test_nothing_of_those_who_stay_is_touched(database: Database, house: HouseRules, mallory: Account) -> None:
    before = marked(database)
    with time_machine.travel(clock.now() + timedelta(days=1)):
        nightly(database, house)
    assert marked(database) == before


def test_suggested_scores_go_in_their_time(database: Database, house: HouseRules) -> None:
    with database.transaction() as session:
        key = ApiKey(id=new_id(), name="a client", digest="d", per_second=1, per_minute=1, created_at=clock.now())
        session.add(key)
        session.flush()
        for age in (0, house.retention.suggested_scores_days + 1):
            at = clock.now() - timedelta(days=age)
            session.add(
                SuggestedScore(id=new_id(at), api_key_id=key.id, text=str(age), scores={}, languages=[], created_at=at)
            )
    nightly(database, house)
    with database.reading() as session:
        assert [kept.text for kept in session.scalars(select(SuggestedScore))] == ["0"]
