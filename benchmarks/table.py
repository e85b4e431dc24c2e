"""The table that `make bench` prints, a line at a time, as soon as it is known."""

from dataclasses import dataclass

from benchmarks.client import Load

COLUMNS = ("req/s", "of fixed", "CPU ms", "fixed CPU", "p50 ms", "p99 ms", "statements", "bytes")
_NAME = 40


@dataclass(frozen=True)
class Row:
    """What was measured. `cpu` in seconds for one request; `fixed` is the reference, `memory` in megabytes."""

    name: str
    load: Load | None = None
    cpu: float = 0.0
    fixed: Load | None = None
    fixed_cpu: float = 0.0
    statements: int | None = None
    size: int | None = None
    memory: float | None = None


def head() -> None:
    """Print the names of the columns."""
    print(f"{'':{_NAME}}" + "".join(f"{column:>11}" for column in COLUMNS), flush=True)


def section(name: str) -> None:
    """Print what the next lines have in common."""
    print(name, flush=True)


def line(row: Row) -> None:
    """Print a row."""
    print(f"  {row.name:{_NAME - 2}}" + "".join(f"{cell:>11}" for cell in _cells(row)), flush=True)


def _cells(row: Row) -> list[str]:
    if row.load is None:
        return [f"{row.memory:,.0f}"]
    share = f"{row.load.rate / row.fixed.rate:.2f}" if row.fixed else ""
    return [
        f"{row.load.rate:,.0f}",
        share,
        f"{1e3 * row.cpu:.2f}",
        f"{1e3 * row.fixed_cpu:.2f}" if row.fixed else "",
        f"{1e3 * row.load.percentile(0.5):.1f}",
        f"{1e3 * row.load.percentile(0.99):.1f}",
        "" if row.statements is None else str(row.statements),
        "" if row.size is None else f"{row.size:,}",
    ]
