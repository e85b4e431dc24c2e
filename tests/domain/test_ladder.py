"""From points to sanctions, as a table whose rows carry the rule in words."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock
from app.models import Strike
from app.moderation.ladder import ProposedSanction, graver, points_in_force, sanction_for
from config import policy as policies
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
    return Strike(points=points, expires_at=NOW + expires_in, revoked_by=1 if revoked else None)


def test_expired_and_revoked_strikes_do_not_count() -> None:
    strikes = [strike(4, DAY), strike(2, timedelta(0)), strike(1, -DAY), strike(6, DAY, revoked=True)]
    assert points_in_force(strikes, NOW) == 4


@given(st.integers(0, 30), st.integers(0, 30))
def test_more_points_never_lead_to_less(points: int, more: int) -> None:
    before, after = sanction_for(points, RULES), sanction_for(points + more, RULES)
    assert graver(after, before) is after
