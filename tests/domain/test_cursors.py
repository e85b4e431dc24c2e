"""A cursor leads back to its place, and whatever else somebody writes in its stead is malformed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import cursors, ids
from app.cursors import Columns
from app.errors import Malformed

ORDERS: tuple[Columns, ...] = ((int,), (int, int), (float, int))
WHOLE = st.integers(0, ids.LARGEST)
FRACTION = st.floats(allow_nan=False, allow_infinity=False)
PLACES = st.tuples(WHOLE) | st.tuples(WHOLE, WHOLE) | st.tuples(FRACTION, WHOLE)


@given(place=PLACES)
def test_a_cursor_leads_back_to_its_place(place: tuple[float, ...]) -> None:
    assert cursors.decode(cursors.encode(place), tuple(map(type, place))) == place


@given(junk=st.text() | st.text("0123456789.~-e_ "), columns=st.sampled_from(ORDERS))
def test_whatever_is_no_cursor_is_malformed(junk: str, columns: Columns) -> None:
    try:
        place = cursors.decode(junk, columns)
    except Malformed:
        return
    assert len(place) == len(columns)
    assert cursors.decode(cursors.encode(place), columns) == place


@pytest.mark.parametrize(
    ("cursor", "columns"),
    [("", (int,)), ("1.2", (int,)), ("1", (int, int)), ("1.2.3", (int, int)), ("-1", (int,)), ("٣", (int,)),
     ("9223372036854775808", (int,)), ("nan~1", (float, int)), ("1.0~", (float, int)), ("1.0", (float, int))],
)  # fmt: skip
def test_a_place_of_another_order_is_malformed(cursor: str, columns: Columns) -> None:
    with pytest.raises(Malformed, match="bad_cursor"):
        cursors.decode(cursor, columns)


@pytest.mark.parametrize(("number", "following"), [(0, None), (2, None), (3, "20")])
def test_a_page_says_what_follows_it_if_anything_does(number: int, following: str | None) -> None:
    rows = [10 * each for each in range(1, number + 1)]
    assert cursors.cut(rows, 2, lambda row: (row,)) == (rows[:2], following)
