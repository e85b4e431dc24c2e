"""Runs a scorer where it can be abandoned.

A scorer that hangs cannot be stopped from inside a process: the thread stays. So a few threads and no more
are given to it; the caller waits at most its deadline, a hung thread keeps its place until it ends, and when
all places are taken the answer is "saturated" at once. After several failures in a row the breaker opens:
callers get their answer without waiting, and one call in a while is let through to see whether the scorer is
back.
"""

import threading
import time
from collections.abc import Sequence
from functools import cached_property
from queue import Empty, SimpleQueue

from prometheus_client import Counter

from app.breaker import Breaker
from app.toxicity.scorer import Answer, Scorer, Unavailable

ANSWERS = Counter("btl_scorer_answers", "Answers of a scorer, by what they were", ("scorer", "outcome"))


class Guarded:
    """A scorer that always answers within its deadline, whatever the scorer inside does.

    At most `threads` calls run at a time. After `failures` in a row it rests for `rest` seconds.
    """

    def __init__(self, scorer: Scorer, *, threads: int = 4, failures: int = 5, rest: float = 10.0) -> None:
        self._scorer = scorer
        self._places = threading.BoundedSemaphore(threads)
        self._breaker = Breaker(failures, rest)

    @property
    def name(self) -> str:
        return self._scorer.name

    @property
    def version(self) -> str:
        return self._scorer.version

    @cached_property
    def apart(self) -> "Guarded":
        """The same scorer behind one place and a breaker of its own, for work that can do without an answer: what is
        too slow there is no failure here, and takes no place from here.
        """
        return Guarded(self._scorer, threads=1)

    def score(self, texts: Sequence[str], deadline: float) -> Answer:
        """As Scorer.score; Unavailable says deadline, saturated, resting, crashed:<exception>, or the
        scorer's own reason.
        """
        answer = self._answer(texts, deadline)
        outcome = answer.reason.partition(":")[0] if isinstance(answer, Unavailable) else "scored"
        ANSWERS.labels(self.name, outcome).inc()
        return answer

    def _answer(self, texts: Sequence[str], deadline: float) -> Answer:
        ends = time.monotonic() + deadline
        if not self._breaker.admits():
            return Unavailable("resting")
        if not self._places.acquire(timeout=max(0.0, deadline)):
            self._breaker.record(success=False)
            return Unavailable("saturated")
        answers: SimpleQueue[Answer] = SimpleQueue()
        self._start(list(texts), ends, answers)
        try:
            answer = answers.get(timeout=max(0.0, ends - time.monotonic()))
        except Empty:
            answer = Unavailable("deadline")
        self._breaker.record(success=not isinstance(answer, Unavailable))
        return answer

    def _start(self, texts: list[str], ends: float, answers: SimpleQueue[Answer]) -> None:
        """A thread of its own per call, a daemon: a hung one must not keep the process from ending, as a
        pool's would.
        """

        def work() -> None:
            try:
                answer = self._scorer.score(texts, ends - time.monotonic())
                if not isinstance(answer, Unavailable) and len(answer) != len(texts):
                    answer = Unavailable("crashed:LengthMismatch")
            except BaseException as error:  # whatever a model library throws is an answer, never a lost comment
                answer = Unavailable(f"crashed:{type(error).__name__}")
            finally:
                self._places.release()
            answers.put(answer)

        try:
            threading.Thread(target=work, name=f"scorer-{self.name}", daemon=True).start()
        except RuntimeError:
            self._places.release()
            answers.put(Unavailable("saturated"))
