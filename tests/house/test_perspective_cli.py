"""`btl perspective key`, as an operator types it."""

from collections.abc import Callable
from functools import partial
from subprocess import CompletedProcess

import pytest

from app.db import Database
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


def test_a_quota_is_at_least_one_request(key: Key) -> None:
    assert key("create", "paper", "--per-second", "0").returncode == 2
