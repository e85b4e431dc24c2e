"""Who is named in a comment."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.db import Database
from app.notifications import mentions
from tests.support import factories
from tests.support.sql import counted

NAMES = ("Ada", "Ada Lovelace", "Zoë O'Brien", "J. R. Hartley", "Łukasz")


class Thread:
    """A story on which all of NAMES have written."""

    def __init__(self, session: Session) -> None:
        self.session = session
        site = factories.site(session)
        self.story = factories.story(session, site)
        self.names: dict[int, str] = {}
        for name in NAMES:
            reader = factories.account(session, name)
            factories.comment(session, self.story, reader)
            self.names[reader.id] = name

    def named(self, text: str) -> list[str]:
        return [self.names[account_id] for account_id in mentions.in_text(self.session, self.story.id, text)]


@pytest.fixture
def thread(database: Database) -> Iterator[Thread]:
    with database.transaction() as session:
        yield Thread(session)
        session.rollback()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Ada is right", ["Ada"]),
        ("@ada lovelace is right", ["Ada Lovelace"]),
        ("I agree with @Ada, and with @Łukasz.", ["Ada", "Łukasz"]),
        ("(@Zoë O'Brien) said so; so did @J. R. Hartley!", ["Zoë O'Brien", "J. R. Hartley"]),
        ("@Ada's point", ["Ada"]),
        ("@Ada Lovelace’s point", ["Ada Lovelace"]),
        ("“@Ada”", ["Ada"]),
        ("@Ada @Ada @ada", ["Ada"]),
        ("@Ada\n@Łukasz", ["Ada", "Łukasz"]),
        ("write to editor@ada", []),
        ("https://example.org/@Ada", []),
        ("@ Ada", []),
        ("Ada", []),
        ("@Adam", []),
        ("> @Ada wrote\n\nNo.", []),
        ("`@Ada`", []),
        ("`` @Ada ` x ``", []),
        ("```\n@Ada\n```", []),
        ("```\n@Ada\n```\n@Łukasz", ["Łukasz"]),
        ("@Łukasz @Ada Lovelace", ["Łukasz", "Ada Lovelace"]),
    ],
)
def test_a_name_after_an_at_is_a_mention(thread: Thread, text: str, named: list[str]) -> None:
    assert thread.named(text) == named


def test_so_many_are_named_at_most(thread: Thread) -> None:
    for number in range(mentions.MOST + 5):
        reader = factories.account(thread.session, f"Reader{number}x")
        factories.comment(thread.session, thread.story, reader)
        thread.names[reader.id] = reader.name
    text = " ".join(f"@Reader{number}x" for number in range(mentions.MOST + 5))
    assert len(thread.named(text)) == mentions.MOST


def test_who_wrote_elsewhere_is_not_meant(thread: Thread) -> None:
    other = Thread.__new__(Thread)
    site = factories.site(thread.session)
    other.session, other.story, other.names = thread.session, factories.story(thread.session, site), thread.names
    assert other.named("@Ada") == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(text=st.text(alphabet=st.sampled_from("@ Aad.'\n>`\0é(Łukasz"), max_size=300))
def test_whatever_is_typed_names_readers_of_the_story_or_nobody(thread: Thread, text: str) -> None:
    assert set(thread.named(text.replace("\0", ""))) <= set(NAMES)


def test_the_longest_text_of_ats_costs_one_statement(database: Database, thread: Thread) -> None:
    with counted(database) as statements:
        thread.named("@a,@a b c d e f @" * 400)
    assert len(statements) == 1
