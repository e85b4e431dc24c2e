"""The figures of the evaluation of thresholds, each beside a plain count."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.thresholds import measures
from app.thresholds.measures import BINS, Attribute
from config import policy as policies
from config.policy import HouseRules
from tests.support.evidence import evidence, signals, toxicity
from tests.support.repository import REPOSITORY

# ties and the very thresholds themselves are likely
SCORES = st.integers(0, 100).map(lambda n: n / 100) | st.floats(0, 1).map(lambda x: round(x, 4))
ROWS = st.lists(SCORES, max_size=30)
HOUSE = policies.load(REPOSITORY / "config" / "policy.toml")


def of_toxicity(house: HouseRules, *groups: list[float], days: float = 2.0) -> Attribute:
    return measures.measure(toxicity(*groups), house.at({}).thresholds, days)[0]


@given(removed=ROWS, approved=ROWS, unreviewed=ROWS)
def test_every_threshold_counts_what_a_person_would_count(
    removed: list[float], approved: list[float], unreviewed: list[float]
) -> None:
    found = of_toxicity(HOUSE, removed, approved, unreviewed)
    assert [point.threshold for point in found.points] == [n / 100 for n in range(1, 100)]
    for point in found.points:
        over = [sum(score >= point.threshold for score in group) for group in (removed, approved, unreviewed)]
        assert [point.removed, point.approved, point.unreviewed] == over
        assert point.per_day == sum(over) / 2
        assert point.precision == (over[0] / (over[0] + over[1]) if over[0] + over[1] else None)
        assert point.recall == (over[0] / len(removed) if removed else None)
        assert point.reviewed == (1.0 if not over[2] else (over[0] + over[1]) / sum(over))


@given(removed=ROWS, approved=ROWS)
def test_calibration_is_the_mean_gap_between_scores_and_what_became_of_the_texts(
    removed: list[float], approved: list[float]
) -> None:
    found = of_toxicity(HOUSE, removed, approved)
    rows = [(score, 1) for score in removed] + [(score, 0) for score in approved]
    bins: dict[int, list[tuple[float, int]]] = {}
    for score, label in rows:
        bins.setdefault(min(int(score * BINS), BINS - 1), []).append((score, label))
    assert [each.texts for each in found.bins] == [len(bins[k]) for k in sorted(bins)]
    for each, k in zip(found.bins, sorted(bins), strict=True):
        assert each.score == pytest.approx(np.mean([score for score, _ in bins[k]]))
        assert each.removed == pytest.approx(np.mean([label for _, label in bins[k]]))
    if not (removed and approved):
        assert (found.auc, found.calibration) == (None, None)
        return
    gaps = [abs(sum(score - label for score, label in each)) for each in bins.values()]
    assert found.calibration == pytest.approx(sum(gaps) / len(rows), abs=1e-9)
    pairs = [(yes > no) + (yes == no) / 2 for yes in removed for no in approved]
    assert found.auc == pytest.approx(np.mean(pairs))


@given(tries=st.integers(1, 5000), data=st.data())
def test_wilsons_ends_are_the_shares_that_the_figure_just_does_not_contradict(tries: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, tries))
    low, high = measures.wilson(hits, tries)
    assert 0 <= low <= hits / tries <= high <= 1
    for end in (low, high):
        if 0 < end < 1:
            distance = abs(hits / tries - end)
            assert distance == pytest.approx(measures.Z * sqrt(end * (1 - end) / tries), rel=1e-6)


def test_wilson_knows_the_textbook() -> None:
    assert measures.wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert measures.wilson(0, 0) == (0.0, 1.0)


def test_comments_without_scores_are_not_measured(house: HouseRules) -> None:
    found = measures.measure(
        evidence([({"unscored": "deadline"}, None), (signals(), None)]), house.at({}).thresholds, 1.0
    )
    assert found[0].points[0].unreviewed == 1
    assert found[0].points[0].per_day == 1.0


def test_the_thresholds_in_force_are_measured_too(house: HouseRules) -> None:
    odd = {
        **house.at({}).thresholds,
        "toxicity": type(house.at({}).thresholds["toxicity"])(nudge=0.555, hold=0.8555, severe=2.0),
    }
    at = [point.threshold for point in measures.measure(toxicity([0.9]), odd, 1.0)[0].points]
    assert {0.555, 0.8555} < set(at)
    assert max(at) < 1
