"""A run leaves nothing behind: no process, no folder, whether it was green, red, interrupted or killed.

What a run writes lies in one folder, and what it starts inherits that folder's name in the environment (RUNS). A guard
in a process of its own holds one end of a pipe whose other end closes with the run, however that ends; then it kills
every process with that name in its environment, whoever started it, and removes the folder. A run within a run is part
of both.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil

RUNS = "TESTS_RUNS"


class Guard:
    """Guards what this process writes to temporary files and starts from now on."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="btl-run-"))
        # a session of its own: who interrupts the run from a terminal does not interrupt this
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__, self.folder], stdin=subprocess.PIPE, start_new_session=True
        )
        os.environ[RUNS] = os.pathsep.join([*os.environ.get(RUNS, "").split(os.pathsep), str(self.folder)])
        os.environ["TMPDIR"] = str(self.folder)
        tempfile.tempdir = str(self.folder)

    def close(self) -> None:
        """Until here, and not longer: returns when nothing is left."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def of_run(run: str) -> list[Any]:
    """The processes that belong to a run, by the name of its folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):  # over by now, or somebody else's
            if run in process.environ().get(RUNS, "").split(os.pathsep):
                found.append(process)
    return found


def _clear(run: str) -> None:
    while left := of_run(run):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=1)
    shutil.rmtree(run, ignore_errors=True)


if __name__ == "__main__":
    sys.stdin.read()
    _clear(sys.argv[1])
