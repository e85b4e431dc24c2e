"""`btl serve`, as an operator starts and ends it."""

import os
import signal
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest

from config.settings import Settings
from tests.support.processes import free_port
from tests.support.settings import environment_of
from tests.support.stripe_world import eventually


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_ends_when_told_to_while_its_workers_are_still_starting(settings: Settings) -> None:
    command = [sys.executable, "-m", "app.cli.main", "serve", "--port", str(free_port()), "--workers", "2"]
    process = subprocess.Popen(command, env=os.environ | environment_of(settings), start_new_session=True)
    try:
        eventually(lambda: len(psutil.Process(process.pid).children()) == 2, seconds=60)
        process.terminate()
        process.wait(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
