"""Runs a scorer where it can be abandoned.

A scorer that hangs cannot be stopped from inside a process: the thread stays. So a few threads and no more
are given to it; the caller waits at most its deadline, a hung thread keeps its place until it ends, and where
no place comes free the answer is "saturated". After several failures in a row the guard asks a text of its own:
if that is not answered either, the breaker opens, and callers get their answer without waiting until it is. A text
that takes too long says nothing about the scorer, and takes no places but some of its own caller's.
"""

import threading
import time
from collections.abc import Hashable, Sequence
from copy import copy
from functools import cached_property
from queue import Empty, SimpleQueue

from prometheus_client import Counter

from app.toxicity.breaker import ProbedBreaker
from app.toxicity.places import Places
from app.toxicity.scorer import Answer, Scorer, Unavailable

ANSWERS = Counter("btl_scorer_answers", "Answers of a scorer, by what they were", ("scorer", "outcome"))
# what any scorer answers at once, if it answers at all
PROBE = "Good morning."


class Guarded:
    """A scorer that always answers within its deadline, whatever the scorer inside does.

    At most `threads` calls run at a time. After `failures` in a row it is asked PROBE, and rests for `rest` seconds at
    a time while that is not answered within `patience` seconds.
    """

    def __init__(
        self, scorer: Scorer, *, threads: int = 4, failures: int = 5, rest: float = 10.0, patience: float = 1.0
    ) -> None:
        self._scorer = scorer
        self._places = Places(threads)
        self._breaker = ProbedBreaker(
            lambda: not isinstance(self._called([PROBE], patience), Unavailable),
            failures=failures,
            rest=rest,
            patience=patience,
        )
        self._caller: Hashable = None

    @property
    def name(self) -> str:
        return self._scorer.name

    @property
    def version(self) -> str:
        return self._scorer.version

    @property
    def languages(self) -> frozenset[str]:
        return self._scorer.languages

    def of(self, caller: Hashable) -> "Guarded":
        """The same guard as `caller` has it (an account, a key, an address): with a share of its places."""
        theirs = copy(self)
        theirs._caller = caller
        return theirs

    @cached_property
    def apart(self) -> "Guarded":
        """The same scorer behind one place and a breaker of its own, for work that can do without an answer: what is
        too slow there is no failure here, and takes no place from here.
        """
        return Guarded(self._scorer, threads=1)

    @cached_property
    def for_programs(self) -> "Guarded":
        """The same scorer behind places and a breaker of their own for the programs of others, so that neither they nor
        readers wait for each other.
        """
        return Guarded(self._scorer)

    def score(self, texts: Sequence[str], deadline: float) -> Answer:
        """As Scorer.score; Unavailable says deadline, saturated, resting, crashed:<exception>, or the
        scorer's own reason.
        """
        answer = self._answer(texts, deadline)
        outcome = answer.reason.partition(":")[0] if isinstance(answer, Unavailable) else "scored"
        ANSWERS.labels(self.name, outcome).inc()
        return answer

    def _answer(self, texts: Sequence[str], deadline: float) -> Answer:
        if self._breaker.is_open:
            return Unavailable("resting")
        answer = self._within(list(texts), time.monotonic() + deadline)
        self._breaker.record(success=not isinstance(answer, Unavailable))
        return answer

    def _within(self, texts: list[str], ends: float) -> Answer:
        if not self._places.take(self._caller, ends - time.monotonic()):
            return Unavailable("saturated")
        answers: SimpleQueue[Answer] = SimpleQueue()
        self._start(texts, ends, answers)
        try:
            return answers.get(timeout=max(0.0, ends - time.monotonic()))
        except Empty:
            return Unavailable("deadline")

    def _start(self, texts: list[str], ends: float, answers: SimpleQueue[Answer]) -> None:
        """A thread of its own per call, a daemon: a hung one must not keep the process from ending, as a
        pool's would.
        """

        def work() -> None:
            answer = self._called(texts, ends - time.monotonic())
            self._places.give_back(self._caller)
            answers.put(answer)

        try:
            threading.Thread(target=work, name=f"scorer-{self.name}", daemon=True).start()
        except RuntimeError:
            self._places.give_back(self._caller)
            answers.put(Unavailable("saturated"))

    def _called(self, texts: list[str], deadline: float) -> Answer:
        """What the scorer says, however it says it."""
        try:
            answer = self._scorer.score(texts, deadline)
        except BaseException as error:  # whatever a model library throws is an answer, never a lost comment
            return Unavailable(f"crashed:{type(error).__name__}")
        if not isinstance(answer, Unavailable) and len(answer) != len(texts):
            return Unavailable("crashed:LengthMismatch")
        return answer
