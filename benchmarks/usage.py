"""What a process and its children have used, as Linux tells."""

import re
import time
from pathlib import Path

_SWITCHES = re.compile(r"^\w+_ctxt_switches:\s+(\d+)", re.MULTILINE)
_PSS = re.compile(r"^Pss:\s+(\d+)", re.MULTILINE)


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU, in the program and in the kernel for it, to the nanosecond."""
    return sum(time.clock_gettime(_clock(each)) for each in _family(pid))


def switches(pid: int) -> int:
    """How often its threads were switched, because they waited or had to."""
    threads = [thread for each in _family(pid) for thread in Path(f"/proc/{each}/task").iterdir()]
    return sum(int(number) for thread in threads for number in _SWITCHES.findall(_status(thread)))


def megabytes(pid: int) -> float:
    """Memory, with its share of what it shares with others (PSS)."""
    return sum(int(_PSS.findall(Path(f"/proc/{each}/smaps_rollup").read_text())[0]) for each in _family(pid)) / 1024


def _status(thread: Path) -> str:
    """What Linux says of a thread; nothing of one that has ended meanwhile."""
    try:
        return (thread / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _clock(pid: int) -> int:
    """The clock that runs while a process does, as Linux numbers it (clock_getcpuclockid)."""
    return ~pid << 3 | 2
