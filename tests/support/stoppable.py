"""A helper of ours in a process of its own, that a test stops, freezes and brings back."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil


class Stoppable:
    """Runs `command`, as subprocess.Popen would with `where`. What it starts stops, freezes and goes on with it."""

    def __init__(self, command: Sequence[str], log: Path = Path(os.devnull), **where: Any) -> None:
        self._command, self._log, self._where = command, log, where
        self.start()

    def start(self) -> None:
        """Again, if it was killed."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, stdout=output, stderr=output, start_new_session=True, **self._where
            )

    def kill(self) -> None:
        """kill -9: nothing is tidied up."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def freeze(self) -> None:
        """It lives, and its sockets are open, but it says nothing more."""
        signal_all(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on as if nothing had been."""
        signal_all(self._process.pid, signal.SIGCONT)


def signal_all(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process and all its descendants, the oldest first."""
    oldest = psutil.Process(pid)
    for process in (oldest, *oldest.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


@contextmanager
def running(command: Sequence[str], **where: Any) -> Iterator[Stoppable]:
    """It runs inside the block, as subprocess.Popen would run it with `where`."""
    helper = Stoppable(command, **where)
    try:
        yield helper
    finally:
        helper.kill()
