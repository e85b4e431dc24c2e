"""A run of tests leaves no process and no folder, however it ends."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.repository import REPOSITORY
from tests.support.stripe_world import eventually

TEST = """
import json, os, subprocess, sys, time
from pathlib import Path
from sqlalchemy import make_url

def test_that_leaves_things_behind(databases, tmp_path):
    with databases.empty("postgres") as database:
        sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        server = Path(make_url(database.url).query["host"], "postmaster.pid")
        started = [os.getpid(), sleeper.pid, int(server.read_text().split()[0])]
        told = Path("TOLD")
        told.with_suffix(".new").write_text(json.dumps([started, os.environ["TMPDIR"]]))
        told.with_suffix(".new").rename(told)
        ENDS
"""
SLEEPS, FAILS = "time.sleep(600)", "raise RuntimeError"


def _interruptible() -> None:
    # a shell that runs us in the background has us ignore interrupts, and whoever we start
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass
class Run:
    """A run of tests that ends in a way of its own."""

    process: "subprocess.Popen[bytes]"
    told: Path
    sent: signal.Signals | None

    @classmethod
    def begun(cls, folder: Path, ends: str, sent: signal.Signals | None, workers: int) -> "Run":
        folder.mkdir()
        test, told = folder / "test_it.py", folder / "told"
        test.write_text(TEST.replace("TOLD", str(told)).replace("ENDS", ends))
        ours = ("-c", REPOSITORY / "pyproject.toml", "--rootdir", REPOSITORY, "-p", "tests.conftest")
        command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *ours, f"-n{workers}", test)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=inherited, stdout=subprocess.DEVNULL, preexec_fn=_interruptible
        )
        return cls(process, told, sent)

    def end(self) -> None:
        if self.sent:
            eventually(self.told.exists, seconds=120)
            self.process.send_signal(self.sent)

    def left_nothing(self) -> None:
        assert self.process.wait(timeout=120) != 0
        started, folder = json.loads(self.told.read_text())
        eventually(lambda: not any(map(psutil.pid_exists, started)) and not Path(folder).exists(), seconds=120)


def test_a_run_leaves_nothing_behind(tmp_path: Path) -> None:
    """Each ends in another way. They run beside each other, since each waits for its server and its processes."""
    ways = ((FAILS, None, 0), (SLEEPS, signal.SIGINT, 0), (SLEEPS, signal.SIGTERM, 1), (SLEEPS, signal.SIGKILL, 1))
    runs = [Run.begun(tmp_path / str(number), *way) for number, way in enumerate(ways)]
    try:
        for run in runs:
            run.end()
        for run in runs:
            run.left_nothing()
    finally:
        for run in runs:
            run.process.kill()
