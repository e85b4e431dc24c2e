"""Common ground in votes of which it is known what made them. `python -m benchmarks.common_ground` has more of them."""

import numpy as np
import pytest

from app.common_ground import model, support
from tests.support import camps
from tests.support.camps import Camps, divided

EACH_SIDE = 5
SEEDS = range(20)
FEW = range(4)


def common(planted: Camps) -> set[int]:
    return set(np.flatnonzero(support.scores(planted.votes, EACH_SIDE)).tolist())


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_it_ranks_by_what_both_camps_see_better_than_counting_does(share: float) -> None:
    ranked: dict[str, list[float]] = {"common ground": [], "Wilson": [], "net": []}
    for seed in SEEDS:
        planted = divided(seed, share=share)
        found = {
            "common ground": model.fit(planted.votes).comments.intercepts,
            "Wilson": camps.wilson(planted.votes),
            "net": camps.net(planted.votes),
        }
        for name, values in found.items():
            of_enough = values[planted.enough], planted.quality[planted.enough]
            ranked[name].append(camps.rank_correlation(*of_enough))
    means = {name: np.mean(values) for name, values in ranked.items()}
    assert max(means["Wilson"], means["net"]) + 0.05 < means["common ground"]


def test_what_it_finds_is_better_than_what_is_usual() -> None:
    for seed in FEW:
        planted = divided(seed)
        found = common(planted)
        assert 10 <= len(found) <= planted.votes.comments // 4
        assert planted.quality[list(found)].mean() > planted.quality.mean() + 0.8


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_one_camp_alone_makes_nothing_common_ground(share: float) -> None:
    """However many of them respect a comment; and whatever else is common ground comes before it."""
    for seed in SEEDS:
        planted = divided(seed, share=share)
        for many in (20, 100, None):
            together = np.flatnonzero(planted.camp > 0)[:many]
            scores = support.scores(camps.with_one_more(planted, together), EACH_SIDE)
            assert (seed, many, scores[-1]) == (seed, many, 0)
            assert scores.any()


def test_both_camps_together_do() -> None:
    for seed in FEW:
        planted = divided(seed)
        readers = np.concatenate([np.flatnonzero(planted.camp * side > 0.8)[:20] for side in (1, -1)])
        assert support.scores(camps.with_one_more(planted, readers), EACH_SIDE)[-1] > 0


def test_fewer_of_a_side_than_are_asked_for_are_none() -> None:
    for seed in FEW:
        planted = divided(seed)
        readers = np.concatenate(
            [np.flatnonzero(planted.camp > 0.8)[:30], np.flatnonzero(planted.camp < -0.8)[: EACH_SIDE - 1]]
        )
        assert support.scores(camps.with_one_more(planted, readers), EACH_SIDE)[-1] == 0


def test_without_camps_there_is_none() -> None:
    for seed in FEW:
        assert common(divided(seed, apart=0.0)) == set()


def test_readers_who_all_respect_everything_have_none() -> None:
    planted = divided(1).votes
    same = model.Votes(
        planted.comment, planted.reader, np.ones_like(planted.respect), planted.comments, planted.readers
    )
    assert not support.scores(same, EACH_SIDE).any()


def test_the_same_votes_have_the_same_scores() -> None:
    planted = divided(2).votes
    first = support.scores(planted, EACH_SIDE)
    assert (support.scores(planted, EACH_SIDE) == first).all()
    assert first[first > 0].min() >= support.LEAST_INTERCEPT * support.STEPS
