"""What other systems export comes in as it stood there: the same conversation, whoever tells it."""

import gzip
import hashlib
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from app.db import Database
from app.interchange import systems
from app.interchange.files import BadFile
from app.interchange.parsing import Reading
from app.models import Account, Comment, Login, Site, Story
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, old_systems
from tests.support.bringing import Bringing, told
from tests.support.old_systems import SYSTEMS

CONVERSATION = [
    ("published", "Ann Archer", 0, "The **ferry** is late.\nSee [the plan](https://example.com/plan)."),
    ("published", "Bob", 1, "It was late last year as well."),
    ("deleted", "Reader", 2, ""),
    ("published", "Ann Archer", 3, "Thank you, I did not know that."),
]
LAST = {"disqus": "spam", "wordpress": "not_a_comment", "remark42": "deleted", "coral": "rejected", "isso": "pending"}
# who was banned there and cannot be known again
BANNED = {"remark42": ["github_1b2"], "coral": ["u-fay"]}
# what stands in the exports and is to stand nowhere here
SHA1 = hashlib.sha1(b"ann@example.com", usedforsecurity=False).hexdigest()
ADDRESSES = ["ann@example.com", SHA1, "bob@", "cid@", "eve@", "fay@"]
PRIVATE = [*ADDRESSES, "203.0.113", "9c1f0", "$2a$10", "avatar", "giphy"]


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        return factories.site(session, "paper")


@pytest.fixture
def paper(database: Database, settings: Settings, house: HouseRules, site: Site) -> Bringing:
    return Bringing(database, settings, house)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_conversation_stands_as_it_stood_there(
    database: Database, paper: Bringing, tmp_path: Path, system: str
) -> None:
    path = SYSTEMS[system](tmp_path)
    assert systems.recognised(path) == system
    brought = paper.bring(path)
    with database.reading() as session:
        assert told(session) == CONVERSATION
        story = session.scalars(select(Story)).one()
        times = session.scalars(select(Comment.created_at).order_by(Comment.id)).all()
        # the same author is the same account; nobody else has one, but who was banned there and can be known again
        names = {name for _, name, *_ in CONVERSATION} | ({"Eve"} if system == "coral" else set())
        assert sorted(session.scalars(select(Account.name))) == sorted(names)
    assert (story.key, story.url) == ("https://paper.example/harbour-plan",) * 2
    assert story.title == "Council backs the harbour plan & the ferry"
    assert story.comment_count == 3
    assert [f"{time:%d.%m.%Y %H:%M}" for time in times] == [f"01.03.2016 {hour}:00" for hour in (10, 11, 12, 13)]
    assert (brought.tally.taken, brought.tally.already) == (3, 0)
    bans = BANNED.get(system, [])
    assert Counter(row.reason for row in brought.refused) == Counter(
        ["deleted", LAST[system]] + ["ban_without_mailbox"] * len(bans)
    )
    assert {row.id for row in brought.refused} == {"3", "5", *bans}


@pytest.mark.parametrize("system", SYSTEMS)
def test_running_it_again_takes_nothing_twice(paper: Bringing, tmp_path: Path, system: str) -> None:
    path = SYSTEMS[system](tmp_path)
    first, second = paper.bring(path), paper.bring(path)
    assert (second.tally.taken, second.tally.already) == (0, 3)
    assert second.refused == first.refused


@pytest.mark.parametrize("system", SYSTEMS)
def test_nothing_that_is_nobodys_business_is_kept(
    database: Database, paper: Bringing, tmp_path: Path, system: str
) -> None:
    paper.bring(SYSTEMS[system](tmp_path))
    with database.reading() as session:
        kept = []
        for table in inspect(session.connection()).get_table_names():
            kept += [repr(tuple(row)) for row in session.execute(text(f'SELECT * FROM "{table}"'))]
    assert not [row for row in kept for word in PRIVATE if word in row]


@pytest.mark.parametrize("system", SYSTEMS)
def test_packed_or_told_it_is_the_same(database: Database, paper: Bringing, tmp_path: Path, system: str) -> None:
    path = SYSTEMS[system](tmp_path)
    if path.is_file() and system != "isso":
        path = tmp_path / "export.gz"
        path.write_bytes(gzip.compress(SYSTEMS[system](tmp_path).read_bytes()))
    paper.bring(path, Reading(system=system))
    with database.reading() as session:
        assert told(session) == CONVERSATION


@pytest.mark.parametrize(
    ("system", "key"),
    [("disqus", "plan-2016"), ("wordpress", "2016"), ("coral", "plan-2016"), ("isso", "/harbour-plan")],
)
def test_the_id_of_the_article_may_be_the_key_of_its_story(
    database: Database, paper: Bringing, tmp_path: Path, system: str, key: str
) -> None:
    paper.bring(SYSTEMS[system](tmp_path), Reading(key_from="id"))
    with database.reading() as session:
        story = session.scalars(select(Story)).one()
    assert (story.key, story.url) == (key, "https://paper.example/harbour-plan")


def test_remark42_has_no_ids_of_articles(paper: Bringing, tmp_path: Path) -> None:
    brought = paper.bring(old_systems.remark42(tmp_path), Reading(key_from="id"))
    assert brought.tally.taken == 0
    assert set(brought.reasons.values()) == {"no_story", "ban_without_mailbox"}


def test_who_has_a_number_there_is_no_guest_of_that_name(database: Database, paper: Bringing, tmp_path: Path) -> None:
    path = old_systems.wordpress(tmp_path)
    path.write_text(path.read_text().replace("CDATA[Bob]", "CDATA[user 12]"))
    paper.bring(path)
    with database.reading() as session:
        owners = dict(session.execute(select(Login.subject, Login.account_id)).all())
    assert len(set(owners.values())) == len(owners) == 3


def test_what_is_not_public_there_is_not_published_here(paper: Bringing, tmp_path: Path) -> None:
    for state in ("<wp:status><![CDATA[private]]>", "<wp:status><![CDATA[draft]]>"):
        path = old_systems.wordpress(tmp_path)
        path.write_text(path.read_text().replace("<wp:status><![CDATA[publish]]>", state))
        assert paper.bring(path).tally.taken == 0
    path = old_systems.wordpress(tmp_path)
    path.write_text(path.read_text().replace("<wp:post_password><![CDATA[]]>", "<wp:post_password>secret"))
    brought = paper.bring(path)
    assert brought.tally.taken == 0
    assert set(brought.reasons.values()) == {"not_public", "not_a_comment"}


def test_a_row_that_is_broken_is_refused_by_its_line(paper: Bringing, tmp_path: Path) -> None:
    path = old_systems.remark42(tmp_path)
    path.write_text(path.read_text().replace('"time":"2016-03-01T11:00:00Z"', '"time":"never"') + "{broken\n")
    brought = paper.bring(path)
    assert {row.line: row.reason for row in brought.refused if row.id != "github_1b2"} == {
        3: "bad_created_at", 4: "deleted", 6: "deleted", 7: "not_json", 5: "unknown_parent"
    }  # fmt: skip


def test_lines_of_coral_name_their_file(paper: Bringing, tmp_path: Path) -> None:
    folder = old_systems.coral(tmp_path)
    (folder / "users.json").write_text("{broken\n" + (folder / "users.json").read_text())
    (folder / "archivedComments.json").write_text('{"id": "9"}\n')
    brought = paper.bring(folder)
    told_of = {row.line: row.reason for row in brought.refused}
    assert told_of["users.json:1"] == "not_json"
    assert told_of["archivedComments.json:1"] == "no_story"
    assert told_of["comments.json:5"] == "rejected"


def test_a_folder_without_all_of_coral_is_told_so(paper: Bringing, tmp_path: Path) -> None:
    folder = old_systems.coral(tmp_path)
    (folder / "stories.json").unlink()
    with pytest.raises(BadFile, match=r"there is no stories\.json"):
        paper.bring(folder)
