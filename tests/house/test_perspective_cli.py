"""`btl perspective key`, as an operator types it."""

from collections.abc import Callable
from functools import partial
from subprocess import CompletedProcess

import pytest
from sqlalchemy import select

from app.db import Database
from app.models import LedgerEntry
from app.perspective import keys
from config.settings import Settings
from tests.support.commands import btl

Key = Callable[..., CompletedProcess[str]]


@pytest.fixture
def key(settings: Settings) -> Key:
    """`btl perspective key` with these words."""
    return partial(btl, settings, "perspective", "key")


def test_a_key_is_printed_once_and_works(key: Key, database: Database, settings: Settings) -> None:
    made = key("create", "paper", "--per-second", "5", "--per-minute", "90")
    assert made.returncode == 0, made.stderr
    with database.reading() as session:
        found = keys.find(session, settings, made.stdout.strip())
    assert found is not None
    assert (found.name, found.per_second, found.per_minute) == ("paper", 5, 90)
    listed = key("list").stdout
    assert "paper" in listed
    assert "5 a second, 90 a minute" in listed
    assert made.stdout.strip() not in listed


def test_two_keys_in_force_cannot_have_one_name(key: Key) -> None:
    key("create", "paper")
    again = key("create", "paper")
    assert (again.returncode, "in force" in again.stderr) == (2, True)


def test_a_revoked_key_works_no_more_and_leaves_its_name_free(key: Key, database: Database, settings: Settings) -> None:
    secret = key("create", "paper").stdout.strip()
    assert key("revoke", "paper").returncode == 0
    with database.reading() as session:
        assert keys.find(session, settings, secret) is None
    assert key("revoke", "paper").returncode == 2
    assert key("create", "paper").returncode == 0
    assert key("list").stdout.count("revoked") == 1


def test_a_key_is_changed_in_what_is_named_and_in_nothing_else(
    key: Key, database: Database, settings: Settings
) -> None:
    secret = key("create", "paper", "--per-second", "5", "--languages", "english").stdout.strip()

    def found() -> tuple[int, int, str, bool]:
        with database.reading() as session:
            row = keys.find(session, settings, secret)
            assert row is not None
            return row.per_second, row.per_minute, row.unread_languages, row.drop_unsupported

    assert found() == (5, 600, "english", False)
    assert key("set", "paper", "--per-minute", "90", "--drop-unsupported").returncode == 0
    assert found() == (5, 90, "english", True)
    assert key("set", "paper", "--languages", "refuse", "--refuse-unsupported").returncode == 0
    assert found() == (5, 90, "refuse", False)
    assert key("set", "paper", "--per-second", "7").returncode == 0
    assert found() == (7, 90, "refuse", False)
    with database.reading() as session:
        entries = session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()
        assert [(entry.action, entry.details) for entry in entries] == [
            ("api_key.create", {}),
            ("api_key.change", {"per_minute": 90, "drop_unsupported": True}),
            ("api_key.change", {"unread_languages": "refuse", "drop_unsupported": False}),
            ("api_key.change", {"per_second": 7}),
        ]
        assert len({entry.subject_id for entry in entries}) == 1


def test_a_key_that_is_revoked_or_was_never_made_is_not_changed(key: Key) -> None:
    key("create", "paper")
    key("revoke", "paper")
    for name in ("paper", "another"):
        refused = key("set", name, "--per-second", "7")
        assert (refused.returncode, "No key of this name is in force" in refused.stderr) == (2, True)


def test_the_second_scorer_is_asked_only_where_there_is_one(key: Key) -> None:
    for words in (("create", "paper", "--languages", "second"), ("set", "paper", "--languages", "second")):
        refused = key(*words)
        assert (refused.returncode, "BTL_SECOND_SCORER" in refused.stderr) == (2, True)
        key("create", "paper")
    assert key("set", "paper", "--languages", "second", BTL_SECOND_SCORER="builtin").returncode == 0
    assert "the second scorer" in key("list").stdout


def test_googles_scale_is_for_the_scorer_for_which_it_was_made(key: Key) -> None:
    assert key("create", "paper", "--scale", "google").returncode == 0
    assert "Google's scale" in key("list").stdout
    assert key("set", "paper", "--scale", "ours").returncode == 0
    for words in (("create", "another", "--scale", "google"), ("set", "paper", "--scale", "google")):
        refused = key(*words, BTL_SCORER="detoxify")
        assert (refused.returncode, "this installation has detoxify/" in refused.stderr) == (2, True)
    assert "Google's scale" not in key("list").stdout


def test_a_quota_is_at_least_one_request(key: Key) -> None:
    assert key("create", "paper", "--per-second", "0").returncode == 2
    assert key("set", "paper", "--per-minute", "0").returncode == 2
