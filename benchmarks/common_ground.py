"""How well common ground is found where it is known, and what it costs among 1.5 million votes.

Run from the repository's root: python -m benchmarks.common_ground. First, over SEEDS newspapers with planted camps, the
mean rank correlation of what each way of ranking says of comments with what both camps see in them. Then, in a process
of its own on one core, seconds (also of CPU, which say more where others work) and memory.
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import resource
import subprocess
import sys
import time

import numpy as np

from app.common_ground import model, support
from tests.support import camps

SEEDS = 20
EACH_SIDE = 5
MANY = {"votes": 1_500_000, "readers": 40_000, "comments": 150_000}
# what is varied of the newspapers
PAPERS: dict[str, dict[str, float]] = {
    "two camps alike": {"share": 0.5},
    "60 and 40 of 100": {"share": 0.6},
    "80 and 20 of 100": {"share": 0.8},
    "far apart": {"apart": 3.0},
    "a little apart": {"apart": 1.0},
    "few votes": {"votes": 8_000},
}


def main() -> None:
    """Print both."""
    print(f"{'':22}{'common ground':>15}{'Wilson':>15}{'net':>15}{'found of 400':>15}")
    for name, paper in PAPERS.items():
        print(f"{name:22}" + "".join(f"{figure:>15.2f}" for figure in _correlations(paper)), flush=True)
    subprocess.run([sys.executable, "-m", "benchmarks.common_ground", "many"], check=True)


def _correlations(paper: dict[str, float]) -> list[float]:
    found = []
    for seed in range(SEEDS):
        planted = camps.divided(seed, **paper)  # type: ignore[arg-type]
        enough = planted.enough
        ways = (model.fit(planted.votes).comments.intercepts, camps.wilson(planted.votes), camps.net(planted.votes))
        ranked = [camps.rank_correlation(way[enough], planted.quality[enough]) for way in ways]
        found.append([*ranked, float((support.scores(planted.votes, EACH_SIDE) > 0).sum())])
    return [float(figure) for figure in np.mean(found, axis=0)]


def many() -> None:
    """What MANY cost."""
    votes = camps.divided(1, **MANY).votes
    before, since, cpu_since = _peak(), time.perf_counter(), time.process_time()
    found = int((support.scores(votes, EACH_SIDE) > 0).sum())
    seconds, cpu = time.perf_counter() - since, time.process_time() - cpu_since
    print(f"{len(votes.respect):,} votes: {seconds:.1f} s ({cpu:.1f} of CPU), {found:,} comments found")
    print(f"{_peak():.0f} MB at most, of which {before:.0f} MB had been there, for the votes and what planted them")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    many() if "many" in sys.argv else main()
