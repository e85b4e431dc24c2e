"""When the letter of a day is written, whatever the clocks do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.letter_choice import AT_ONCE, DAILY, NEVER
from app.notifications import choices
from app.notifications.choices import DIGEST_AT

BERLIN = ZoneInfo("Europe/Berlin")
# where clocks turn by half an hour, never, or across the date line, too
NAMES = ("UTC", "Europe/London", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")
ZONES = st.sampled_from(NAMES).map(ZoneInfo)
SECONDS = 15 * 366 * 86400


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-28T05:59:59+00:00", "2026-03-28T06:00:00+00:00"),
        ("2026-03-28T06:00:00+00:00", "2026-03-29T05:00:00+00:00"),  # the night in which an hour is lost
        ("2026-03-29T04:59:59+00:00", "2026-03-29T05:00:00+00:00"),
        ("2026-10-24T05:00:00+00:00", "2026-10-25T06:00:00+00:00"),  # and in which one is won
        ("2026-10-25T00:30:00+00:00", "2026-10-25T06:00:00+00:00"),
        ("2026-10-25T01:30:00+00:00", "2026-10-25T06:00:00+00:00"),
        ("2026-12-31T23:30:00+00:00", "2027-01-01T06:00:00+00:00"),
    ],
)
def test_it_is_seven_in_the_morning_by_the_clocks_of_the_paper(now: str, due: str) -> None:
    assert choices.next_digest(datetime.fromisoformat(now), BERLIN) == datetime.fromisoformat(due)


@given(seconds=st.integers(0, SECONDS), zone=ZONES)
def test_there_is_one_each_day_and_the_next_is_the_next(seconds: int, zone: ZoneInfo) -> None:
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    first = choices.next_digest(now, zone)
    assert now < first.astimezone(UTC) <= now + timedelta(hours=25)
    assert first.astimezone(zone).time() == DIGEST_AT
    second = choices.next_digest(first.astimezone(UTC), zone)
    assert (second.astimezone(zone).date() - first.astimezone(zone).date()) == timedelta(days=1)


def test_at_once_is_now_and_never_is_never() -> None:
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    assert choices.due_at(AT_ONCE, now, BERLIN) == now
    assert choices.due_at(NEVER, now, BERLIN) is None
    assert choices.due_at(DAILY, now, BERLIN) == datetime(2026, 11, 30, 6, tzinfo=UTC)
