"""The built-in scorer on this machine: comments a second, time for one, memory and accuracy, in one table.

Run from the repository's root: python -m benchmarks.scorer. Reads the validation file (BTL_DATA).
"""

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import re
import time
from pathlib import Path


def memory() -> float:
    """Megabytes of this process, its share of what it shares counted (PSS); Linux only."""
    return int(re.findall(r"^Pss:\s+(\d+)", Path("/proc/self/smaps_rollup").read_text(), re.MULTILINE)[0]) / 1024


def main() -> None:
    bare, started = memory(), time.perf_counter()
    from app.toxicity import builtin, load

    guarded = load("builtin")
    loaded = time.perf_counter() - started

    scorer = builtin.load()
    scorer.probabilities(["warm up"])
    held = memory() - bare

    from app.toxicity import corpus
    from app.toxicity.disguises import DISGUISES, disguise
    from app.toxicity.metrics import auc
    from app.toxicity.normaliser import shipped
    from app.toxicity.report import Probabilities

    folder = corpus.data_folder()
    if folder is None:
        raise SystemExit("no data: set BTL_DATA to a folder with toxicity/ in it")
    rows = corpus.read(folder / "toxicity", (corpus.VALIDATION,))

    started = time.perf_counter()
    scores = scorer.probabilities(rows.texts)
    batch = time.perf_counter() - started

    singles = []
    for text in rows.texts[:2000]:
        started = time.perf_counter()
        guarded.score([text], 0.8)
        singles.append(time.perf_counter() - started)
    singles.sort()

    started = time.perf_counter()
    for text in rows.texts:
        shipped()(text)
    normalising = time.perf_counter() - started

    def mean_area(found: "Probabilities") -> float:
        return sum(auc(rows.labels[:, k] >= 0.5, found[:, k]) for k in range(6)) / 6 * 100

    disguised = {how: mean_area(scorer.probabilities([disguise(t, how) for t in rows.texts])) for how in DISGUISES}
    worst = min(disguised, key=lambda how: disguised[how])
    table = [
        ("import and load", f"{loaded:.2f} s"),
        ("comments a second, in one batch", f"{len(rows.texts) / batch:,.0f}"),
        ("one comment behind the guard, p50", f"{1e3 * singles[len(singles) // 2]:.2f} ms"),
        ("one comment behind the guard, p99", f"{1e3 * singles[len(singles) * 99 // 100]:.2f} ms"),
        ("normaliser alone, a comment", f"{1e6 * normalising / len(rows.texts):.0f} µs"),
        ("memory above the bare interpreter (PSS)", f"{held:.0f} MB"),
        ("six-label mean AUC × 100", f"{mean_area(scores):.2f}"),
        (f"the same in the worst disguise ({worst})", f"{disguised[worst]:.2f}"),
    ]
    for what, figure in table:
        print(f"{what:45} {figure:>12}")


if __name__ == "__main__":
    main()
