"""Google's scale: for its scorer, from 0 to 1 and rising, and at Google's thresholds as many flags as Google's."""

from itertools import pairwise
from pathlib import Path

import pytest

from app import toxicity
from app.perspective.scale import GOOGLES, fits
from app.toxicity import builtin
from benchmarks import google_scale
from benchmarks.google_scale import Half
from tests.support.scorers import Marked


def test_it_belongs_to_the_scorer_that_is_shipped_and_to_no_other() -> None:
    assert fits(toxicity.load("builtin"))
    assert not fits(Marked())


def test_its_points_rise_from_nothing_to_certainty() -> None:
    for points in (GOOGLES.ours, GOOGLES.googles):
        assert (points[0], points[-1]) == (0, 1)
        assert all(before < after for before, after in pairwise(points))


def test_a_higher_score_is_never_a_lower_one_there() -> None:
    scores = [step / 10_000 for step in range(10_001)]
    scaled = [GOOGLES.of(score) for score in scores]
    assert (scaled[0], scaled[-1]) == (0, 1)
    assert scaled == sorted(scaled)
    # rounding of a probability may go a little beyond
    assert (GOOGLES.of(-1e-9), GOOGLES.of(1 + 1e-9)) == (0, 1)


def test_the_halves_are_the_same_each_time_and_about_even() -> None:
    texts = [f"Comment {number}." for number in range(1000)]
    reported = [google_scale.is_reported(text) for text in texts]
    assert reported[:8] == [True, False, False, True, False, True, False, False]
    assert 450 < sum(reported) < 550


@pytest.fixture(scope="module")
def apart(data_dir: Path) -> Half:
    """The half of the comments on which nothing was fitted."""
    return google_scale.half(data_dir, builtin.load(), reported=True)


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8])
def test_at_googles_thresholds_it_flags_within_a_fifth_of_what_google_did(apart: Half, threshold: float) -> None:
    seen = google_scale.flagged(apart, GOOGLES, threshold)
    assert seen.googles > 30
    assert 0.8 <= seen.scaled / seen.googles <= 1.2
