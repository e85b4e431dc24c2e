"""On what terms a story takes comments: hours, whatever the clocks do, and an end."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Malformed
from app.models import Story
from app.models.story import CLOSED
from app.stories import terms
from app.stories.terms import Terms

BERLIN = ZoneInfo("Europe/Berlin")
DAY, NIGHT = (time(7), time(22)), (time(20, 30), time(2, 30))


def story(**said: object) -> Story:
    made = Story()
    terms.put(made, Terms(**said))  # type: ignore[arg-type]
    return made


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "now", "is_open", "until"),
    [
        (DAY, "2026-11-29T06:59:59", False, "2026-11-29T07:00:00"),
        (DAY, "2026-11-29T07:00:00", True, "2026-11-29T22:00:00"),
        (DAY, "2026-11-29T21:59:59", True, "2026-11-29T22:00:00"),
        (DAY, "2026-11-29T22:00:00", False, "2026-11-30T07:00:00"),
        (NIGHT, "2026-11-29T12:00:00", False, "2026-11-29T20:30:00"),
        (NIGHT, "2026-11-29T23:00:00", True, "2026-11-30T02:30:00"),
        (NIGHT, "2026-11-30T01:00:00", True, "2026-11-30T02:30:00"),
        (NIGHT, "2026-11-30T02:30:00", False, "2026-11-30T20:30:00"),
        (DAY, "2026-03-28T23:00:00", False, "2026-03-29T07:00:00"),  # the night in which an hour is lost
        (DAY, "2026-10-24T23:00:00", False, "2026-10-25T07:00:00"),  # and in which one is won
    ],
)
def test_hours_go_by_the_clocks_of_the_paper(hours: tuple[time, time], now: str, is_open: bool, until: str) -> None:
    found = terms.opening(story(opens=hours[0], closes=hours[1]), at(now), BERLIN)
    assert found.is_open is is_open
    assert found.until is not None
    assert found.until.timestamp() == at(until).timestamp()


def test_an_end_ends_it_whatever_the_hour() -> None:
    ends = at("2026-11-29T12:00:00")
    limited = story(opens=DAY[0], closes=DAY[1], closes_at=ends)
    assert terms.opening(limited, ends - timedelta(seconds=1), BERLIN) == terms.Opening(True, ends)
    assert terms.opening(limited, ends, BERLIN) == terms.Opening(False)
    early = story(opens=DAY[0], closes=DAY[1], closes_at=at("2026-11-29T06:30:00"))
    assert terms.opening(early, at("2026-11-29T05:00:00"), BERLIN) == terms.Opening(False)
    assert terms.opening(story(state=CLOSED), ends, BERLIN) == terms.Opening(False)
    assert terms.opening(story(), ends, BERLIN) == terms.Opening(True)


@given(
    opens=st.times(timezones=st.none()),
    closes=st.times(timezones=st.none()),
    seconds=st.integers(0, 15 * 366 * 86400),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"]).map(ZoneInfo),
)
def test_what_changes_changes_then_and_not_before(opens: time, closes: time, seconds: int, zone: ZoneInfo) -> None:
    opens, closes = opens.replace(second=0, microsecond=0), closes.replace(second=0, microsecond=0)
    if opens == closes:
        return
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    limited = story(opens=opens, closes=closes)
    found = terms.opening(limited, now, zone)
    assert found.until is not None
    until = found.until.astimezone(UTC)
    assert now < until <= now + timedelta(hours=25)
    assert terms.opening(limited, until - timedelta(seconds=1), zone).is_open is found.is_open
    assert terms.opening(limited, until, zone).is_open is not found.is_open


@pytest.mark.parametrize(
    "said",
    [
        {"opens": time(7)},
        {"closes": time(7)},
        {"opens": time(7), "closes": time(7)},
        {"slow_seconds": -1},
        {"slow_seconds": 86401},
        {"message": "x" * 501},
        {"message": "\0"},
        {"closes_at": datetime(2026, 1, 1)},  # noqa: DTZ001
    ],
)
def test_what_cannot_be_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        terms.checked(Terms(**said))  # type: ignore[arg-type]
