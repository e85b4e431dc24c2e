"""The what-if: over whole columns, and yet the verdict that signals.verdict gives each comment."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.signals import verdict
from app.signals.family import OUTCOMES
from app.thresholds import whatif
from app.toxicity import ATTRIBUTES
from config import policy as policies
from config.rules import Threshold
from tests.support.evidence import APPROVED, REMOVED, evidence, signals
from tests.support.repository import REPOSITORY

HOUSE = policies.load(REPOSITORY / "config" / "policy.toml")
HUNDREDTHS = st.integers(0, 100).map(lambda n: n / 100)
SCORES = st.fixed_dictionaries({}, optional={f"score.{attribute}": HUNDREDTHS for attribute in ATTRIBUTES})
OTHERS = st.fixed_dictionaries(
    {}, optional={"unscored": st.just("deadline"), "premoderated": st.booleans(), "origin": st.just("import")}
)
WHOLE = st.fixed_dictionaries({f"score.{attribute}": HUNDREDTHS for attribute in ATTRIBUTES})
SIGNALS = st.builds(lambda scores, others: {**scores, **others}, SCORES | WHOLE, OTHERS)
LABELS = st.sampled_from([REMOVED, APPROVED, None])
LIMITS = st.lists(st.integers(1, 120), min_size=3, max_size=3).map(lambda n: [each / 100 for each in sorted(n)])
THRESHOLDS = st.fixed_dictionaries(
    {
        a: LIMITS.map(lambda limits: Threshold(**dict(zip(("nudge", "hold", "severe"), limits, strict=True))))
        for a in ATTRIBUTES
    }
)


@given(rows=st.lists(st.tuples(SIGNALS, LABELS), max_size=30), thresholds=THRESHOLDS)
def test_it_is_the_verdict_replayed(rows: list, thresholds: dict[str, Threshold]) -> None:  # type: ignore[type-arg]
    rules = HOUSE.at({"thresholds": {name: vars_of(each) for name, each in thresholds.items()}})
    replayed = [verdict.decide(found, rules).outcome for found, _ in rows]
    columns = evidence(rows)
    assert [OUTCOMES[rank] for rank in whatif.outcomes(columns, thresholds)] == replayed
    found = whatif.effect(columns, thresholds, days=2.0)
    held = [(outcome in ("hold", "withhold"), label) for outcome, (_, label) in zip(replayed, rows, strict=True)]
    counts = Counter(held)
    assert (found.held_removed, found.held_approved, found.held_undecided) == tuple(
        counts[True, label] for label in (REMOVED, APPROVED, None)
    )
    assert (found.posted_removed, found.posted_approved, found.posted_undecided) == tuple(
        counts[False, label] for label in (REMOVED, APPROVED, None)
    )
    assert (found.comments, found.withheld, found.nudged) == (
        len(rows),
        replayed.count("withhold"),
        replayed.count("nudge"),
    )
    assert found.held_per_day == sum(is_held for is_held, _ in held) / 2


def vars_of(threshold: Threshold) -> dict[str, float]:
    return {name: getattr(threshold, name) for name in ("nudge", "hold", "severe")}


@pytest.mark.parametrize(("hold", "held"), [(0.7, 3), (0.7001, 1), (0.9, 1), (0.95, 0)])
def test_the_threshold_itself_holds(hold: float, held: int) -> None:
    columns = evidence([(signals(toxicity=score), REMOVED) for score in (0.7, 0.7, 0.9, 0.3)])
    thresholds = {**HOUSE.at({}).thresholds, "toxicity": Threshold(nudge=0.1, hold=hold, severe=2.0)}
    found = whatif.effect(columns, thresholds, days=1.0)
    assert (found.held, found.posted_removed) == (held, 4 - held)
