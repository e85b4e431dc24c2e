"""Whatever the scorer inside does, the caller has an answer within the deadline."""

import threading
import time
from collections.abc import Sequence

import pytest

from app.toxicity.guard import Guarded
from app.toxicity.scorer import Scores, Unavailable

FINE = Scores(0.1, 0.1, 0.1, 0.1, 0.1, 0.1)


class Switchable:
    """Answers, crashes, hangs until released, or answers too little, as told."""

    name = "switchable"
    version = "1"

    def __init__(self, does: str) -> None:
        self.does = does
        self.calls = self.hangs = 0
        self.released = threading.Event()

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
        self.calls += 1
        if self.does == "crash":
            raise MemoryError
        if self.does == "hang":
            self.hangs += 1
            self.released.wait()
            self.hangs -= 1
        return [FINE] * (len(texts) - (self.does == "answer too little"))


def test_a_scorer_that_answers_is_passed_on_with_its_name_and_version() -> None:
    guarded = Guarded(Switchable("answer"))
    assert guarded.score(["a", "b"], 1) == [FINE, FINE]
    assert (guarded.name, guarded.version) == ("switchable", "1")


def test_a_scorer_that_hangs_is_abandoned_at_the_deadline() -> None:
    scorer = Switchable("hang")
    assert Guarded(scorer).score(["a"], 0.1) == Unavailable("deadline")
    assert scorer.hangs
    scorer.released.set()


@pytest.mark.parametrize(
    ("does", "reason"), [("crash", "crashed:MemoryError"), ("answer too little", "crashed:LengthMismatch")]
)
def test_a_scorer_that_breaks_is_unavailable_and_says_how(does: str, reason: str) -> None:
    assert Guarded(Switchable(does)).score(["a"], 1) == Unavailable(reason)


def test_hung_calls_keep_their_places_and_the_next_waits_no_longer_than_its_deadline() -> None:
    scorer = Switchable("hang")
    guarded = Guarded(scorer, threads=2, failures=100)
    for _ in range(2):
        assert guarded.score(["a"], 0.05) == Unavailable("deadline")
    assert guarded.score(["a"], 0.1) == Unavailable("saturated")
    assert (scorer.calls, scorer.hangs) == (2, 2)

    scorer.does = "answer"
    scorer.released.set()
    assert guarded.score(["a"], 1) == [FINE]


def test_after_failures_in_a_row_the_breaker_opens_and_the_scorer_is_left_in_peace() -> None:
    scorer = Switchable("crash")
    guarded = Guarded(scorer, failures=3, rest=60)
    for _ in range(3):
        guarded.score(["a"], 1)
    assert guarded.score(["a"], 1) == Unavailable("resting")
    assert scorer.calls == 3


def test_one_success_between_failures_keeps_the_breaker_closed() -> None:
    scorer = Switchable("crash")
    guarded = Guarded(scorer, failures=2, rest=60)
    for does in ("crash", "answer", "crash", "answer"):
        scorer.does = does
        guarded.score(["a"], 1)
    assert guarded.score(["a"], 1) == [FINE]


def test_after_its_rest_one_call_tries_and_opens_the_way_for_all_or_for_none() -> None:
    scorer = Switchable("crash")
    guarded = Guarded(scorer, failures=1, rest=0.1)
    guarded.score(["a"], 1)
    time.sleep(0.15)
    assert guarded.score(["a"], 1) == Unavailable("crashed:MemoryError")
    assert guarded.score(["a"], 1) == Unavailable("resting")
    time.sleep(0.15)
    scorer.does = "answer"
    assert guarded.score(["a"], 1) == [FINE]
    assert guarded.score(["a"], 1) == [FINE]


def test_what_is_too_slow_apart_neither_opens_the_breaker_nor_takes_a_place() -> None:
    scorer = Switchable("hang")
    guarded = Guarded(scorer, threads=1, failures=2)
    apart = guarded.apart
    reasons = [apart.score(["a"], 0.05) for _ in range(3)]
    assert reasons == [Unavailable("deadline"), Unavailable("saturated"), Unavailable("saturated")]
    scorer.does = "answer"
    assert guarded.score(["a"], 1) == [FINE]
    scorer.released.set()
