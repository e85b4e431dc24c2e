"""Whatever the scorer inside does, the caller has an answer within the deadline, and nobody else pays for it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.toxicity.guard import PROBE, Guarded
from app.toxicity.scorer import Scores, Unavailable
from tests.support.endless import stopped_if_endless

FINE = Scores(0.1, 0.1, 0.1, 0.1, 0.1, 0.1)
SLOW = "slow"
# no deadline that is meant to be kept is ever missed by a machine that is busy
LONG = 60.0
RESTING = Unavailable("resting")


class Switchable:
    """Answers, crashes, hangs until released, or answers too little, as told; SLOW hangs whatever it is told."""

    name = "switchable"
    version = "1"

    def __init__(self, does: str = "answer") -> None:
        self.does = does
        self.asked: list[str] = []
        self.hanging = threading.Semaphore(0)
        self.hangs = 0
        self.released = threading.Event()

    @property
    def calls(self) -> int:
        """How many of them were not the guard's own."""
        return len(self.asked) - self.asked.count(PROBE)

    def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
        self.asked += texts
        if self.does == "crash":
            raise MemoryError
        if self.does == "hang" or SLOW in texts:
            self._hang()
        return [FINE] * (len(texts) - (self.does == "answer too little"))

    def _hang(self) -> None:
        released = self.released
        self.hangs += 1
        self.hanging.release()
        released.wait()
        self.hangs -= 1


def until(condition: Callable[[], bool]) -> None:
    with stopped_if_endless():
        while not condition():
            pass


def is_resting(guarded: Guarded) -> bool:
    return guarded.score(["a"], LONG) == RESTING


def test_a_scorer_that_answers_is_passed_on_with_its_name_and_version() -> None:
    guarded = Guarded(Switchable())
    assert guarded.score(["a", "b"], LONG) == [FINE, FINE]
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
    assert Guarded(Switchable(does)).score(["a"], LONG) == Unavailable(reason)


def test_hung_calls_keep_their_places_and_the_next_waits_no_longer_than_its_deadline() -> None:
    scorer = Switchable("hang")
    guarded = Guarded(scorer, threads=2, failures=100)
    for _ in range(2):
        assert guarded.score(["a"], 0.05) == Unavailable("deadline")
    assert guarded.score(["a"], 0.1) == Unavailable("saturated")
    assert (scorer.calls, scorer.hangs) == (2, 2)

    scorer.does = "answer"
    scorer.released.set()
    assert guarded.score(["a"], LONG) == [FINE]


# when it rests


def test_after_failures_in_a_row_and_one_of_its_own_text_the_scorer_is_left_in_peace() -> None:
    scorer = Switchable("crash")
    guarded = Guarded(scorer, failures=3, rest=LONG)
    for _ in range(3):
        assert guarded.score(["a"], LONG) == Unavailable("crashed:MemoryError")
    until(lambda: is_resting(guarded))
    calls = scorer.calls
    assert is_resting(guarded)
    assert (scorer.calls, scorer.asked.count(PROBE)) == (calls, 1)


def test_a_scorer_that_hangs_at_every_text_is_left_in_peace_before_its_probe_ends() -> None:
    scorer = Switchable("hang")
    guarded = Guarded(scorer, failures=2, rest=0.0, patience=0.01)
    for _ in range(2):
        assert guarded.score(["a"], 0.01) == Unavailable("deadline")
    until(lambda: guarded.score(["a"], 0.01) == RESTING)
    assert scorer.asked.count(PROBE) == 1
    scorer.does = "answer"
    scorer.released.set()
    until(lambda: guarded.score(["a"], LONG) == [FINE])


def test_one_success_between_failures_keeps_its_own_text_unasked() -> None:
    scorer = Switchable()
    guarded = Guarded(scorer, failures=2, rest=LONG)
    for does in ("crash", "answer", "crash", "answer"):
        scorer.does = does
        guarded.score(["a"], LONG)
    assert guarded.score(["a"], LONG) == [FINE]
    assert PROBE not in scorer.asked


def test_while_it_rests_only_its_own_text_tries_the_scorer_and_opens_the_way_for_all() -> None:
    scorer = Switchable("crash")
    guarded = Guarded(scorer, failures=1, rest=0.0)
    guarded.score(["a"], LONG)
    until(lambda: is_resting(guarded))
    until(lambda: scorer.asked.count(PROBE) > 3)
    scorer.does = "answer"
    until(lambda: guarded.score(["a"], LONG) == [FINE])
    assert guarded.score(["a"], LONG) == [FINE]


@pytest.mark.parametrize("answer", [Unavailable("deadline"), Unavailable("crashed:MemoryError")])
def test_what_one_text_does_says_nothing_about_the_scorer(answer: Unavailable) -> None:
    class OneTextFails(Switchable):
        def score(self, texts: Sequence[str], deadline: float) -> list[Scores] | Unavailable:
            return answer if texts == ["bad"] else super().score(texts, deadline)

    scorer = OneTextFails()
    guarded = Guarded(scorer, failures=2, rest=LONG, patience=LONG)
    for _ in range(20):
        assert [guarded.score(["bad"], LONG) for _ in range(3)] == [answer] * 3
        assert guarded.score(["a"], LONG) == [FINE]
    until(lambda: PROBE in scorer.asked)


# whose slow texts wait for whom


def test_of_one_caller_half_of_the_places_are_taken_and_no_more() -> None:
    scorer = Switchable()
    guarded = Guarded(scorer, threads=4)
    with ThreadPoolExecutor(9) as pool:
        slow = [pool.submit(guarded.of("mallory").score, [SLOW], LONG) for _ in range(8)]
        for _ in range(2):
            scorer.hanging.acquire()
        assert guarded.of("alice").score(["a"], LONG) == [FINE]
        assert guarded.of("mallory").score(["a"], 0.01) == Unavailable("saturated")
        assert scorer.asked == [SLOW, SLOW, "a"]
        scorer.released.set()
        assert [each.result() for each in slow] == [[FINE]] * 8


@settings(max_examples=40)
@given(st.integers(2, 5), st.lists(st.sampled_from(["slow", "given up", "released", "alice", "bob"]), max_size=30))
def test_whatever_one_caller_sends_and_however_it_ends_every_other_is_scored(threads: int, order: list[str]) -> None:
    scorer = Switchable()
    guarded = Guarded(scorer, threads=threads, failures=1, rest=LONG, patience=LONG)
    mallory = guarded.of("mallory")
    with ThreadPoolExecutor(max(1, len(order))) as pool:
        slow = []
        for step in order:
            if step == "slow":
                slow.append(pool.submit(mallory.score, [SLOW], LONG))
            elif step == "given up":
                assert mallory.score([SLOW], 0.001) in (Unavailable("deadline"), Unavailable("saturated"))
            elif step == "released":
                before, scorer.released = scorer.released, threading.Event()
                before.set()
            else:
                assert guarded.of(step).score(["a"], LONG) == [FINE]
        scorer.released.set()
        assert [each.result() for each in slow] == [[FINE]] * len(slow)
    assert mallory.score(["a"], LONG) == [FINE]


@pytest.mark.parametrize("other", ["apart", "for_programs"])
def test_what_is_asked_for_others_neither_opens_the_breaker_nor_takes_a_place_nor_does_the_reverse(other: str) -> None:
    scorer = Switchable()
    readers = Guarded(scorer, failures=1, rest=LONG)
    others: Guarded = getattr(readers, other)
    for slow, quick in ((readers, others), (others, readers)):
        reasons = [slow.score([SLOW], 0.01) for _ in range(5)]
        assert (reasons[0], reasons[-1]) == (Unavailable("deadline"), Unavailable("saturated"))
        assert quick.score(["a"], LONG) == [FINE]
        scorer.released.set()
        assert slow.score(["a"], LONG) == [FINE]
        scorer.released.clear()


def test_what_hangs_for_pages_leaves_those_who_write_in_peace() -> None:
    scorer = Switchable("hang")
    guarded = Guarded(scorer, threads=1, failures=2)
    reasons = [guarded.apart.score(["a"], 0.05) for _ in range(2)]
    assert reasons == [Unavailable("deadline"), Unavailable("saturated")]
    scorer.does = "answer"
    assert guarded.score(["a"], LONG) == [FINE]
    scorer.released.set()
