"""The scorer by itself: one text at a time behind its guard, as a post has it, and in batches, as an import does."""

import random
import time
from collections.abc import Iterator

from app import toxicity
from app.toxicity import Unavailable
from benchmarks.client import Answer, Load
from benchmarks.newspaper import some_text
from benchmarks.table import Row

TEXTS = 2000
BATCH = 200


def measure() -> Iterator[Row]:
    """One row for each size; a request is one text."""
    draw = random.Random(20261122)
    texts = [some_text(draw) for _ in range(TEXTS)]
    scorer = toxicity.load("builtin")
    scorer.score(texts[:1], 10.0)
    for size in (1, BATCH):
        yield _row(scorer, [texts[start : start + size] for start in range(0, TEXTS, size)], size)


def _row(scorer: toxicity.Guarded, batches: list[list[str]], size: int) -> Row:
    answers: list[Answer] = []
    began, before = time.perf_counter(), time.process_time()
    for batch in batches:
        started = time.perf_counter()
        if isinstance(scorer.score(batch, 10.0), Unavailable):
            raise SystemExit("the scorer is unavailable")
        answers += [Answer(200, 0, time.perf_counter() - started)] * size
    seconds, cpu = time.perf_counter() - began, time.process_time() - before
    return Row("one text" if size == 1 else f"batches of {size}", Load(answers, seconds), cpu / TEXTS)
