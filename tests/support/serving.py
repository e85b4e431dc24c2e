"""`btl serve` in a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from config.settings import Settings
from tests.support.processes import free_port, wait_until_ready
from tests.support.repository import REPOSITORY
from tests.support.settings import environment_of


@contextmanager
def served(
    settings: Settings, log: Path, *options: str, environment: Mapping[str, str] | None = None, port: int | None = None
) -> Iterator[str]:
    """The address at which `btl serve` answers inside the block; what it says is in `log`."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    given = os.environ | environment_of(settings) | {"BTL_PUBLIC_URL": url} | dict(environment or {})
    with log.open("wb") as output:
        command = [sys.executable, "-m", "app.cli.main", "serve", "--port", str(port), *options]
        process = subprocess.Popen(
            command, env=given, cwd=REPOSITORY, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_until_ready(url)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
