"""The proposal: what the rule chooses, and when there is none."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.thresholds import measures, proposal
from app.thresholds.evidence import Evidence
from app.thresholds.proposal import (
    LEAST_DECIDED,
    LEAST_HELD,
    LEAST_OF_A_KIND,
    LEAST_PRECISION,
    LEAST_REVIEWED,
    Choice,
    ThresholdProposal,
)
from config import policy as policies
from config.rules import Threshold
from tests.support.evidence import toxicity
from tests.support.repository import REPOSITORY

HOUSE = policies.load(REPOSITORY / "config" / "policy.toml")
# low ones, so that there are enough approved texts for a proposal at all
FINE = [0.05] * 100


def propose(evidence: Evidence) -> ThresholdProposal:
    return proposal.propose(evidence, measures.measure(evidence, HOUSE.at({}).thresholds, 1.0), HOUSE.at({}).thresholds)


def chosen(*groups: list[float]) -> Choice:
    found = propose(toxicity(*groups))
    assert found.refusal is None
    return found.choices[0]


@pytest.mark.parametrize(
    ("removed", "approved"),
    [
        ([], []),
        ([0.9] * 500, []),
        ([], [0.9] * 500),
        ([0.9] * (LEAST_OF_A_KIND - 1), FINE),
        (FINE, [0.9] * (LEAST_OF_A_KIND - 1)),
        ([0.9] * LEAST_OF_A_KIND, [0.1] * (LEAST_DECIDED - LEAST_OF_A_KIND - 1)),
    ],
)
def test_too_few_labels_or_labels_of_one_kind_lead_to_no_proposal(removed: list[float], approved: list[float]) -> None:
    found = propose(toxicity(removed, approved))
    assert found.refusal
    assert f"{len(removed)} removed and {len(approved)} approved" in found.refusal
    assert (found.choices, found.thresholds) == ([], {})


def test_texts_without_a_decision_are_no_labels() -> None:
    assert propose(toxicity([0.9] * 19, FINE, [0.9] * 1000)).refusal


def test_the_lowest_threshold_that_meets_the_rule_is_chosen() -> None:
    choice = chosen([0.7] * 30 + [0.4] * 10, FINE + [0.4] * 10)
    assert (choice.hold, choice.before) == (0.7, 0.85)
    assert choice.point is not None
    assert (choice.point.removed, choice.point.approved) == (30, 0)


def test_it_lies_where_the_lowest_of_them_scored_and_not_in_the_gap_below() -> None:
    assert chosen([0.7312] * 30, FINE).hold == 0.73


def test_a_tie_is_held_as_a_whole_or_not_at_all() -> None:
    exactly = [0.6] * 27, [*FINE, *[0.6] * 3]
    assert chosen(*exactly).hold == 0.6
    assert chosen([0.6] * 26, [*FINE, *[0.6] * 3]).point is None


def test_few_texts_over_a_threshold_do_not_carry_it() -> None:
    assert chosen([0.9] * (LEAST_HELD - 1) + [0.02], FINE).point is None
    assert chosen([0.9] * LEAST_HELD, FINE).hold == 0.9


def test_reports_alone_do_not_lower_a_threshold() -> None:
    reported = [0.5] * 40
    assert chosen(reported, FINE, [0.5] * 10).hold == 0.5
    choice = chosen(reported, FINE, [0.5] * 11)
    assert (choice.point, choice.hold) == (None, 0.85)


@given(
    removed=st.lists(st.integers(0, 100), min_size=LEAST_OF_A_KIND, max_size=80),
    approved=st.lists(st.integers(0, 100), min_size=LEAST_DECIDED - LEAST_OF_A_KIND, max_size=120),
    unreviewed=st.lists(st.integers(0, 100), max_size=40),
)
def test_whatever_is_proposed_meets_the_rule_and_nothing_lower_does(
    removed: list[int], approved: list[int], unreviewed: list[int]
) -> None:
    groups = [[n / 100 for n in group] for group in (removed, approved, unreviewed)]

    def meets(limit: float) -> bool:
        yes, no, nobody = (sum(score >= limit for score in group) for group in groups)
        enough = yes + no >= LEAST_HELD and yes >= LEAST_PRECISION * (yes + no)
        return enough and yes + no >= LEAST_REVIEWED * (yes + no + nobody)

    # scores are hundredths, and so is every threshold: one is tight where a decided text has just that score
    tight = [n / 100 for n in range(1, 100) if n in removed or n in approved]
    expected = next((limit for limit in tight if meets(limit)), None)
    choice = chosen(*groups)
    assert (choice.point.threshold if choice.point else None) == expected


def test_what_stands_around_a_hold_follows_it() -> None:
    between = Threshold(nudge=0.5, hold=0.7, severe=0.9)
    assert proposal.with_hold(between, 0.8) == Threshold(nudge=0.5, hold=0.8, severe=0.9)
    assert proposal.with_hold(between, 0.4) == Threshold(nudge=0.4, hold=0.4, severe=0.9)
    assert proposal.with_hold(between, 0.95) == Threshold(nudge=0.5, hold=0.95, severe=0.95)


def test_the_fragment_is_a_part_of_a_policy_and_says_how_sure_it_is() -> None:
    found = propose(toxicity([0.3] * 39, [*FINE, 0.3]))
    text = proposal.fragment(found)
    thresholds = HOUSE.at(tomllib.loads(text)).thresholds
    assert thresholds == found.thresholds
    assert thresholds["toxicity"] == Threshold(nudge=0.3, hold=0.3, severe=2.0)
    assert thresholds["insult"] == HOUSE.at({}).thresholds["insult"]
    assert "# was 0.85; 39 of 40 removed, 95 % sure of 87% to 100%" in text
