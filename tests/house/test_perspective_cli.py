"""`btl perspective key`, as an operator types it."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from app.db import Database
from app.perspective import keys
from config.settings import Settings
from tests.support.repository import REPOSITORY

Btl = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def btl(settings: Settings) -> Btl:
    names = ("environment", "database_url", "secret_key", "digest_key", "var")
    environment = os.environ | {f"BTL_{name.upper()}": str(getattr(settings, name)) for name in names}

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "app.cli.main", "perspective", "key", *arguments]
        return subprocess.run(
            command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def test_a_key_is_printed_once_and_works(btl: Btl, database: Database, settings: Settings) -> None:
    made = btl("create", "paper", "--per-second", "5", "--per-minute", "90")
    assert made.returncode == 0, made.stderr
    with database.reading() as session:
        key = keys.find(session, settings, made.stdout.strip())
    assert key is not None
    assert (key.name, key.per_second, key.per_minute) == ("paper", 5, 90)
    listed = btl("list").stdout
    assert "paper" in listed
    assert "5 a second, 90 a minute" in listed
    assert made.stdout.strip() not in listed


def test_two_keys_in_force_cannot_have_one_name(btl: Btl) -> None:
    btl("create", "paper")
    again = btl("create", "paper")
    assert (again.returncode, "in force" in again.stderr) == (1, True)


def test_a_revoked_key_works_no_more_and_leaves_its_name_free(btl: Btl, database: Database, settings: Settings) -> None:
    secret = btl("create", "paper").stdout.strip()
    assert btl("revoke", "paper").returncode == 0
    with database.reading() as session:
        assert keys.find(session, settings, secret) is None
    assert btl("revoke", "paper").returncode == 1
    assert btl("create", "paper").returncode == 0
    assert btl("list").stdout.count("revoked") == 1


def test_a_quota_is_at_least_one_request(btl: Btl) -> None:
    assert btl("create", "paper", "--per-second", "0").returncode == 2
