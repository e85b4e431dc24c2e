"""What a process and its children have used, as Linux tells."""

import os
import re
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
_PSS = re.compile(r"^Pss:\s+(\d+)", re.MULTILINE)


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU, in the program and in the kernel for it."""
    return sum(_cpu_seconds(each) for each in _family(pid))


def fine_cpu_seconds(pid: int) -> float:
    """The same to the nanosecond, without what threads had used that are over."""
    nanoseconds = 0
    for thread in [thread for each in _family(pid) for thread in Path(f"/proc/{each}/task").iterdir()]:
        with suppress(FileNotFoundError, ProcessLookupError):  # over by now
            nanoseconds += int((thread / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def megabytes(pid: int) -> float:
    """Memory, with its share of what it shares with others (PSS)."""
    return sum(int(_PSS.findall(Path(f"/proc/{each}/smaps_rollup").read_text())[0]) for each in _family(pid)) / 1024


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
