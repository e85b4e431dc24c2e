import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock, ids

MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2109, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_ids_made_one_after_the_other_rise() -> None:
    made = [ids.new_id() for _ in range(5000)]
    assert made == sorted(set(made))


def test_ids_of_moments_that_are_asked_for_in_turn_are_all_different() -> None:
    days = [datetime(2016, 3, day, tzinfo=UTC) for day in (1, 2)]
    made = [ids.new_id(at) for _ in range(5000) for at in (*days, None)]
    assert len(set(made)) == 15000


def test_ids_made_by_many_threads_are_all_different() -> None:
    made: list[int] = []
    threads = [threading.Thread(target=lambda: made.extend(ids.new_id() for _ in range(2000))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 16000


@given(MOMENTS)
def test_an_id_sorts_by_the_time_it_was_made_for(moment: datetime) -> None:
    made = ids.new_id(moment)
    assert ids.first_at(moment) <= made < ids.first_at(moment + timedelta(milliseconds=1))
    assert 0 < made <= ids.LARGEST
    assert ids.parse(str(made)) == made


@pytest.mark.parametrize("moment", [datetime(1969, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)])
def test_a_time_that_no_id_can_hold_is_refused(moment: datetime) -> None:
    with pytest.raises(ValueError, match="1970"):
        ids.new_id(moment)


@pytest.mark.parametrize("text", ["", "-1", "1.0", "abc", "٣", " 1", str(2**63), "9" * 40])
def test_what_is_no_id_is_none(text: str) -> None:
    assert ids.parse(text) is None


def test_the_clock_can_pretend_for_one_thread_only() -> None:
    past = datetime(2001, 1, 1, tzinfo=UTC)
    seen: list[datetime] = []
    with clock.pretend(past):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
        assert clock.now() - past < timedelta(seconds=5)
    assert seen[0] > past + timedelta(days=365)
