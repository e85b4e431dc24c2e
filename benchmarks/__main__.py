"""Measures the busy paths on both databases beside the reference (benchmarks.fixed), and prints one table.

Columns: requests a second and their share of what a fixed body of the same size reaches; milliseconds of CPU in the
server for one request, and the same for the fixed body; half of the answers and 99 of 100 came within p50 and p99;
statements for one request; bytes of a body. CPU compares better than time where the machine has other work.
"""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask.testing import FlaskClient

from app import installation, log
from app.web.application import create_app
from benchmarks import newspaper, scoring, table
from benchmarks.cases import Case, cases, thread
from benchmarks.client import Load, Request, load
from benchmarks.serving import Server, databases, fresh, reference, serving
from benchmarks.table import Row
from benchmarks.usage import cpu_seconds, megabytes
from tests.support.sql import counted

LONGEST = 4.0  # seconds for one case
LONGEST_FIXED = 1.5
WARMING = 50


def main() -> None:
    """Measure and print."""
    log.configure(plain=True)
    table.head()
    with tempfile.TemporaryDirectory(prefix="btl-bench-") as name:
        folder = Path(name)
        for backend, url in databases(folder, "bench").items():
            table.section(backend)
            for row in _measure(folder, url):
                table.line(row)
    table.section("scorer")
    for row in scoring.measure():
        table.line(row)


def _measure(folder: Path, url: str) -> Iterator[Row]:
    draw = random.Random(20261122)
    database = fresh(url)
    paper = newspaper.publish(database, draw)
    with serving(database, folder) as server, reference() as fixed:
        client = _in_process(server)
        tag = client.get(thread(paper.hot)).headers["ETag"]
        yield Row("memory of the server at first, MB", memory=megabytes(server.process.pid))
        for case in cases(server, paper, tag, draw):
            yield _beside_reference(case, server, client, fixed)
        yield Row("memory of the server after all this, MB", memory=megabytes(server.process.pid))
    database.close()


def _beside_reference(case: Case, server: Server, client: FlaskClient, fixed: tuple[int, int]) -> Row:
    counted_one, *requests = case.requests
    done, cpu = _timed(server.port, server.process.pid, requests, LONGEST)
    strange = {answer.status for answer in done.answers} - {case.status}
    if strange:
        raise SystemExit(f"{case.name}: answered {strange}")
    size = round(sum(answer.size for answer in done.answers) / len(done.answers))
    same = [Request("GET", f"/{case.status}/{size}", {})] * len(requests)
    best, best_cpu = _timed(*fixed, same, LONGEST_FIXED)
    return Row(case.name, done, cpu, best, best_cpu, _statements(server, client, counted_one), size)


def _timed(port: int, pid: int, requests: list[Request], longest: float) -> tuple[Load, float]:
    """The load, and seconds of CPU for one of its requests."""
    load(port, requests[:WARMING], longest)
    before = cpu_seconds(pid)
    done = load(port, requests[WARMING:], longest)
    return done, (cpu_seconds(pid) - before) / len(done.answers)


def _statements(server: Server, client: FlaskClient, request: Request) -> int:
    client.get("/api/v1/stories/any")  # reads the newspapers, which are kept for some seconds
    with counted(server.database) as found:
        client.open(request.path, method=request.method, headers=request.headers, json=request.body)
    return len(found)


def _in_process(server: Server) -> FlaskClient:
    """The same application in this process, where statements can be counted."""
    return create_app(installation.of(server.settings, server.database)).test_client()


if __name__ == "__main__":
    main()
