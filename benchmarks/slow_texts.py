"""CPU that the slowest texts of legal length cost: comments of 5,000 characters, and 20,480 bytes for Perspective.

Run from the repository's root: python -m benchmarks.slow_texts [OTHER CHECKOUT]. With another checkout (an earlier one)
it is measured in turn with this one, and stands beside it. Milliseconds for one text, the least of REPEATS.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

COMMENT_CHARACTERS = 5_000
PERSPECTIVE_BYTES = 20_480
REPEATS = 3
# what the name of a text ends with that is as long as Perspective allows
LONG = ", long"


def main(*others: str) -> None:
    """Measure both lengths of every kind, and print the slowest first."""
    from tests.support.slow_texts import KINDS

    texts = {kind: make(COMMENT_CHARACTERS) for kind, make in KINDS.items()}
    texts |= {_long(kind): _cut(make(PERSPECTIVE_BYTES)) for kind, make in KINDS.items()}
    measured = {checkout.name: _measure(checkout, texts) for checkout in (*map(Path, others), Path.cwd())}
    print(" " * 36 + "".join(f"{f'comment, {name}':>20}{f'Perspective, {name}':>24}" for name in measured))
    first, *_ = measured.values()
    for kind in sorted(KINDS, key=first.__getitem__, reverse=True):
        print(f"{kind:36}" + "".join(f"{found[kind]:>20.1f}{found[_long(kind)]:>24.1f}" for found in measured.values()))


def _long(kind: str) -> str:
    return kind + LONG


def _cut(text: str) -> str:
    return text.encode()[:PERSPECTIVE_BYTES].decode(errors="ignore")


def _measure(checkout: Path, texts: dict[str, str]) -> dict[str, float]:
    """Milliseconds by text, in a process of its own that runs that checkout's code."""
    environment = os.environ | {"PYTHONPATH": str(checkout.resolve()), "OMP_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, __file__, "one checkout"],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        cwd=checkout,
        env=environment,
    )
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return found


def one_checkout() -> None:
    """In the process of a checkout: measure the texts that come in, and print milliseconds by text."""
    from app.perspective.texts import seen
    from app.text import cleaning, markup
    from app.toxicity import builtin

    scorer = builtin.load()
    scorer.score(["You idiot, good morning."], 10)

    def comment(text: str) -> None:
        markup.render.cache_clear()
        scorer.score([markup.plain(text)], 10)
        cleaning.digest(text)

    def perspective(text: str) -> None:
        scorer.score([seen(text).text], 10)

    texts = json.loads(sys.stdin.read())
    ways = {name: perspective if name.endswith(LONG) else comment for name in texts}
    print(json.dumps({name: min(_cpu(ways[name], text) for _ in range(REPEATS)) for name, text in texts.items()}))


def _cpu(act: Callable[[str], None], text: str) -> float:
    before = time.process_time()
    act(text)
    return 1000 * (time.process_time() - before)


if __name__ == "__main__":
    if sys.argv[1:] == ["one checkout"]:
        one_checkout()
    else:
        main(*sys.argv[1:])
