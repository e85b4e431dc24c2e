"""A time is read as its source meant it, and refused where it could mean another."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import clock
from tests.support.exports import Reader, lines


@pytest.mark.parametrize(
    "written",
    [
        "2016-03-01T10:00:00Z",
        "2016-03-01T10:00:00.000Z",
        "2016-03-01T11:00:00+01:00",
        "2016-03-01 10:00:00",
        "2016-03-01 10:00:00 UTC",
        "2016-03-01 10:00:00 +0000",
        "Tue, 01 Mar 2016 10:00:00 +0000",
        "Tue, 01 Mar 2016 10:00:00 GMT",
        "1 Mar 2016 11:00:00 +0100",
        "1 Mar 2016 10:00:00 UT",
        "1 Mar 2016 05:00:00 EST",
        "1 Mar 2016 06:00:00 EDT",
        "Tue, 1 Mar 2016 02:00:00 PST",
        "1456826400",
        1456826400,
        1456826400000,
        "1456826400000",
        {"$date": "2016-03-01T10:00:00Z"},
        {"$date": 1456826400000},
        {"$date": {"$numberLong": "1456826400000"}},
    ],
)
def test_a_time_is_read_as_it_was_meant(read: Reader, written: Any) -> None:
    found = read(lines({"id": {"$oid": "5f"}, "created_at": written, "text": "x"}), "a.jsonl")
    assert [row.created_at for row in found.rows] == [datetime(2016, 3, 1, 10, tzinfo=UTC)]


@pytest.mark.parametrize(
    "written",
    [
        "20160301",
        "160301",
        "01/03/2016 10:00",
        "0000-00-00 00:00:00",
        "5",
        "20160301100000",
        "Mar 2016",
        "1 Mar 2016 10:00:00 CET",
        "Tue, 01 Mar 2016 10:00:00 CEST",
        "1 Mar 2016 10:00:00 BST",
        "1 Mar 2016 10:00:00 MEZ",
        "1 Mar 2016 10:00:00 IST",
        "1 Mar 2016 10:00:00 A",
        "1 Mar 2016 10:00:00 +9900",
        "2016-03-01 10:00:00 CET",
        "-1",
        "1e9",
        "nan",
    ],
)
def test_a_time_that_could_mean_another_is_refused(read: Reader, written: str) -> None:
    assert set(read(lines({"id": 1, "created_at": written, "text": "x"}), "a.jsonl").refused) == {1}


def test_a_time_to_come_is_refused(read: Reader) -> None:
    soon = (clock.now() + timedelta(hours=1)).isoformat()
    assert read(lines({"id": 1, "created_at": soon, "text": "x"}), "a.jsonl").refused == {1: "in_future"}
