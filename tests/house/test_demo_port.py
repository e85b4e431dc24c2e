"""`btl demo --port`: the whole newspaper is on that port, with data of its own."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from app.db import Database
from config.settings import Settings
from migrations.upgrade import upgrade
from tests.support import factories
from tests.support.processes import free_pair, wait_until_ready
from tests.support.repository import REPOSITORY
from tests.support.stripe_world import eventually


def test_everything_that_it_says_and_sends_names_the_port(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_pair()}"
    var = tmp_path / "var" / f"demo-{address.rpartition(':')[2]}"
    begin(var)
    process = demo(tmp_path, address)
    try:
        wait_until_ready(address)
        who = {"email": "ada@example.org", "name": "Ada Lovelace", "password": "a long password"}
        assert requests.post(f"{address}/api/v1/accounts", json=who, timeout=30).ok
        eventually(lambda: any((var / "letters").glob("*.eml")), seconds=60)
        assert requests.get(f"{address}/simulator/_sim", timeout=30).ok
        second = demo(tmp_path, address)
        assert b"is taken" in second.communicate(timeout=60)[0]
        assert second.returncode == 1
    finally:
        process.terminate()
        told = process.communicate(timeout=60)[0].decode()
    (letter,) = (var / "letters").glob("*.eml")
    assert f"{address}/" in letter.read_text()
    assert all(f"{address}/{place}" in told for place in ("queue", "api", "simulator/_sim"))
    assert f"letters, logs:  var/{var.name}/letters" in told.lower()
    assert ":8000" not in told + letter.read_text()


# below it, only who has the right to may listen
UNPRIVILEGED = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
DROP, RIGHT_TO_LISTEN = 24, 10  # PR_CAPBSET_DROP, CAP_NET_BIND_SERVICE


@pytest.mark.skipif(not UNPRIVILEGED.exists() or int(UNPRIVILEGED.read_text()) <= 80, reason="anybody may listen there")
def test_a_port_without_the_right_to_it_is_not_called_taken(tmp_path: Path) -> None:
    # who is root loses that right, too
    process = demo(tmp_path, "http://127.0.0.1:80", preexec_fn=lambda: ctypes.CDLL(None).prctl(DROP, RIGHT_TO_LISTEN))
    told = process.communicate(timeout=60)[0].decode()
    assert (process.returncode, told) == (1, "Error: port 80 cannot be had: Permission denied; --port takes another\n")


def begin(var: Path) -> None:
    """So that it need not tell its history first, which tests/house/test_demo.py lets it."""
    settings = Settings.from_env({"BTL_ENVIRONMENT": "demo", "BTL_VAR": str(var)})
    database = Database(settings.database_url)
    upgrade(database)
    with database.transaction() as session:
        factories.site(session, "gazette")
    database.close()


def demo(folder: Path, address: str, **how: Any) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "app.cli.main", "demo", "--port", address.rpartition(":")[2]]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    how |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, cwd=folder, env=environment, **how)
