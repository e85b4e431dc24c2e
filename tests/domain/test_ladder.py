"""From points to sanctions, as a table whose rows carry the rule in words."""

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock
from app.models import Strike
from app.moderation.ladder import ProposedSanction, graver, points_in_force, sanction_for, step
from config import policy as policies
from tests.support.least_points import Told, least_points
from tests.support.repository import REPOSITORY

# the table's own ladder: that of the house is for the house to change
LADDER = [
    {"points": 12, "sanction": "ban"},
    {"points": 8, "sanction": "suspension", "days": 30},
    {"points": 4, "sanction": "suspension", "days": 7},
    {"points": 2, "sanction": "warning"},
]
RULES = policies.load(REPOSITORY / "config" / "policy.toml").at({"strikes": {"ladder": LADDER}})
DAY = timedelta(days=1)
NOW = clock.now()
_minutes = count()


@pytest.mark.parametrize(
    ("points", "kind", "days"),
    [
        pytest.param(0, None, None, id="no points, nothing"),
        pytest.param(1, None, None, id="under the lowest rung, nothing"),
        pytest.param(2, "warning", None, id="the lowest rung warns"),
        pytest.param(3, "warning", None, id="between two rungs, the lower"),
        pytest.param(4, "suspension", 7, id="then a week"),
        pytest.param(8, "suspension", 30, id="then a month"),
        pytest.param(12, "ban", None, id="the highest rung bans"),
        pytest.param(99, "ban", None, id="above the highest rung, the highest"),
    ],
)
def test_points_reach_a_rung(points: int, kind: str | None, days: int | None) -> None:
    found = sanction_for(points, RULES)
    assert (found and found.kind) == kind
    assert (found and found.length) == (timedelta(days=days) if days else None)
    assert found is None or found.source == "ladder"


WARNING, WEEK, MONTH, BAN = (
    ProposedSanction("warning"),
    ProposedSanction("suspension", 7 * DAY),
    ProposedSanction("suspension", 30 * DAY),
    ProposedSanction("ban"),
)


@pytest.mark.parametrize(
    ("chosen", "from_ladder", "expected"),
    [
        pytest.param(None, None, None, id="neither asks for anything"),
        pytest.param(None, WEEK, WEEK, id="the ladder alone"),
        pytest.param(WEEK, None, WEEK, id="the moderator alone"),
        pytest.param(WARNING, WEEK, WEEK, id="the ladder is graver"),
        pytest.param(BAN, MONTH, BAN, id="the moderator is graver"),
        pytest.param(WEEK, MONTH, MONTH, id="of two suspensions the longer"),
    ],
)
def test_the_graver_counts(
    chosen: ProposedSanction | None, from_ladder: ProposedSanction | None, expected: ProposedSanction | None
) -> None:
    assert graver(chosen, from_ladder) is expected


def test_a_tie_is_the_moderators() -> None:
    from_ladder = ProposedSanction("suspension", 7 * DAY, "ladder")
    assert graver(WEEK, from_ladder) is WEEK


def strike(points: int, expires_in: timedelta, *, revoked: bool = False) -> Strike:
    """One of an episode of its own, each a minute after the one before."""
    told = NOW - 90 * DAY + next(_minutes) * timedelta(minutes=1)
    return Strike(
        points=points,
        written_at=told - timedelta(seconds=1),
        created_at=told,
        expires_at=NOW + expires_in,
        revoked_by=1 if revoked else None,
    )


def test_expired_and_revoked_strikes_do_not_count() -> None:
    strikes = [strike(4, DAY), strike(2, timedelta(0)), strike(1, -DAY), strike(6, DAY, revoked=True)]
    assert points_in_force(strikes, NOW) == 4


@given(st.integers(0, 30), st.integers(0, 30))
def test_more_points_never_lead_to_less(points: int, more: int) -> None:
    before, after = sanction_for(points, RULES), sanction_for(points + more, RULES)
    assert graver(after, before) is after


def told(points: int, written: float, at: float, *, revoked: bool = False) -> Strike:
    """A strike for what was written on one day and told on another."""
    return Strike(
        points=points,
        written_at=NOW + written * DAY,
        created_at=NOW + at * DAY,
        expires_at=NOW + (at + 180) * DAY,
        revoked_by=1 if revoked else None,
    )


EPISODES = [
    ("one strike counts", [told(4, 0, 1)], 4),
    ("two written before the first was told count as the graver", [told(2, 0, 1), told(6, 0.5, 2)], 6),
    ("in whatever order they are told", [told(6, 0.5, 1), told(2, 0, 2)], 6),
    ("what was written after the first was told counts by itself", [told(6, 0, 1), told(6, 1.5, 2)], 12),
    (
        "an older text that is found late belongs to the first episode",
        [told(2, 0, 1), told(2, 2, 3), told(6, 0.5, 4)],
        8,
    ),
    ("what was written at the moment of telling could not heed it", [told(2, 0, 1), told(2, 1, 2)], 2),
    ("what is revoked told nobody anything", [told(6, 0, 1, revoked=True), told(2, 0, 2), told(2, 1.5, 3)], 2),
]


@pytest.mark.parametrize(("strikes", "expected"), [row[1:] for row in EPISODES], ids=[row[0] for row in EPISODES])
def test_an_episode_counts_as_its_gravest_strike(strikes: list[Strike], expected: int) -> None:
    assert points_in_force(strikes, NOW + 10 * DAY) == expected
    assert points_in_force(strikes[::-1], NOW + 10 * DAY) == expected


def test_an_expired_strike_counts_for_nothing_and_tells_nobody_anything() -> None:
    strikes = [told(2, 0, 1), told(2, 2, 3), told(6, 0.5, 4)]
    assert points_in_force(strikes, NOW + 180 * DAY) == 8
    assert points_in_force(strikes, NOW + 182 * DAY) == 6


AMOUNTS = st.integers(1, 6)
HISTORIES = st.lists(st.tuples(AMOUNTS, st.floats(0, 10), st.floats(0, 10)), max_size=8)


def test_a_strike_that_falls_makes_no_two_episodes_of_one() -> None:
    strikes = [told(1, 0, 0), told(1, 0, 1), told(2, 1, 2), told(2, 2, 2)]
    assert points_in_force(strikes, NOW + 20 * DAY) == 3
    strikes[0].revoked_by = 1
    assert points_in_force(strikes, NOW + 20 * DAY) == 3


@given(st.lists(st.tuples(AMOUNTS, st.integers(0, 6), st.integers(0, 6)), max_size=7))
def test_no_other_way_to_put_strikes_into_episodes_counts_less(history: list[tuple[int, int, int]]) -> None:
    strikes = [told(points, min(days), max(days)) for points, *days in history]
    found = [Told(strike.written_at, strike.created_at, strike.points) for strike in strikes]
    assert points_in_force(strikes, NOW + 20 * DAY) == least_points(found)


@given(HISTORIES, st.data())
def test_revoking_a_strike_never_adds_points(history: list[tuple[int, float, float]], data: st.DataObject) -> None:
    strikes = [told(points, min(days), max(days)) for points, *days in history]
    before = points_in_force(strikes, NOW + 20 * DAY)
    assert before <= sum(strike.points for strike in strikes)
    if strikes:
        data.draw(st.sampled_from(strikes)).revoked_by = 1
    assert points_in_force(strikes, NOW + 20 * DAY) <= before


STEPS = [
    ("the first leads to its rung", [], told(6, 0, 1), (6, "suspension", False)),
    (
        "the same again in an episode adds and leads to nothing new",
        [told(6, 0, 1)],
        told(6, 0, 2),
        (0, "suspension", True),
    ),
    ("a graver one in an episode adds the difference", [told(2, 0, 1)], told(6, 0, 2), (4, "suspension", False)),
    ("a lesser one would have led to less", [told(6, 0, 1)], told(2, 0, 2), (0, "warning", True)),
    ("another episode adds all of it", [told(6, 0, 1)], told(6, 1.5, 2), (6, "ban", False)),
    ("more points on the same rung lead to nothing new", [told(4, 0, 1)], told(6, 0, 2), (2, "suspension", True)),
]


@pytest.mark.parametrize(("before", "strike", "expected"), [row[1:] for row in STEPS], ids=[row[0] for row in STEPS])
def test_one_more_strike_leads_to(before: list[Strike], strike: Strike, expected: tuple[int, str, bool]) -> None:
    found = step(before, strike, RULES)
    assert found.sanction is not None
    assert (found.added, found.sanction.kind, found.repeats) == expected
    if found.repeats and found.sanction.length:
        assert found.sanction.length == 6 * DAY  # of seven, one is over since they were told
