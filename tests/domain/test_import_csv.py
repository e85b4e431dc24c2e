"""Of a CSV whose quotes and line breaks are not what they seem to be no row is cut, nor swallows another."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.support.exports import CSV, Reader


def test_a_row_with_more_fields_than_the_header_is_refused(read: Reader) -> None:
    found = read(CSV + "1,ann,tide,,2016-03-01,He came, he saw\n2,ann,tide,,2016-03-01,fine\n")
    assert (found.texts, found.refused) == (["fine"], {2: "too_many_fields"})


@pytest.mark.parametrize("said", [r'"He said \"hello\", and left"', r'"He said \"hello\" and left"', r'"a \"quote\""'])
def test_quotes_escaped_as_mysql_does_are_refused(read: Reader, said: str) -> None:
    found = read(CSV + f"1,ann,tide,,2016-03-01,{said}\n2,ann,tide,,2016-03-01,fine\n")
    assert found.texts == ["fine"]
    assert list(found.refused) == [2]


def test_a_line_break_without_quotes_cuts_nothing_off(read: Reader) -> None:
    found = read(CSV + "1,ann,tide,,2016-03-01,first line\nsecond, line\n\n2,ann,tide,,2016-03-01,fine\n")
    assert (found.texts, found.refused) == (["fine"], {2: "broken_line", 3: "too_few_fields"})


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("second, with, a, lot, of, commas, really", "too_many_fields"),
        ("second, with, as, many, as, fields", "bad_created_at"),
        ('"second" line', "bad_csv"),
        ('"second, with as many", as, fields, or, so, it seems', "bad_created_at"),
        ("\n\nsecond", "too_few_fields"),
    ],
)
def test_whatever_the_rest_looks_like(read: Reader, rest: str, reason: str) -> None:
    begin = "0,ann,tide,,2016-03-01,whole\n1,ann,tide,,2016-03-01,first line\n"
    found = read(CSV + f"{begin}{rest}\n2,ann,tide,,2016-03-01,fine\n")
    assert (found.texts, found.refused) == (["whole", "fine"], {3: "broken_line", 4 + rest.count("\n"): reason})


@pytest.mark.parametrize(
    "time", ["0000-00-00 00:00:00", "31/02/2016", "31.02.2016 09:30", "1 Jul 2016 10:00:00 BST", r"\N", "NULL"]
)
def test_a_row_with_a_time_that_is_none_does_not_cost_the_one_before_it(read: Reader, time: str) -> None:
    found = read(CSV + f"1,ann,tide,,2016-03-01,whole\n2,ann,tide,,{time},when\n3,ann,tide,,2016-03-01,fine\n")
    assert (found.texts, list(found.refused)) == (["whole", "fine"], [3])


def test_nor_where_the_rest_ends_the_file(read: Reader) -> None:
    found = read(CSV + '1,ann,tide,,2016-03-01,first line\n"second')
    assert (found.texts, found.refused) == ([], {2: "broken_line", 3: "bad_csv"})


@pytest.mark.parametrize("next_row", ["2,ann,tide,,2016-03-01,a, b", '2,ann,tide,,2016-03-01,"a" b'])
def test_a_row_that_is_bad_itself_breaks_none_before_it(read: Reader, next_row: str) -> None:
    found = read(CSV + f"1,ann,tide,,2016-03-01,fine\n{next_row}\n")
    assert (found.texts, set(found.refused)) == (["fine"], {3})


TEXT_FIRST = "id,text,author,story,created_at\n"


def test_the_last_line_of_a_text_that_stands_before_its_time_is_no_comment(read: Reader) -> None:
    whole = "0,whole,ann,tide,2016-03-01\n"
    found = read(TEXT_FIRST + whole + "1,first line\nsecond, too,ann,tide,2016-03-01\n2,fine,ann,tide,2016-03-01\n")
    assert (found.texts, found.refused) == (["whole", "fine"], {3: "too_few_fields", 4: "broken_line"})


def test_a_text_in_quotes_stands_wherever_its_column_is(read: Reader) -> None:
    text = "first line, on,  a, day, 1/2/2016 it was\nsecond, too"
    found = read(TEXT_FIRST + f'1,"{text}",ann,tide,2016-03-01\n2,fine,ann,tide,2016-03-01\n')
    assert (found.texts, found.refused) == ([text, "fine"], {})


@pytest.mark.parametrize("order", ["id,text,author,story,created_at", "text,created_at,id,author,story"])
def test_no_row_whose_text_stands_before_its_time_swallows_another(read: Reader, order: str) -> None:
    rows = [("0", "whole"), ("1", '"open, and'), ("2", 'then, closed"'), ("3", "fine")]
    names, known = order.split(","), {"author": "ann", "story": "tide", "created_at": "2016-03-01"}
    written = [",".join((known | {"id": number, "text": text})[name] for name in names) for number, text in rows]
    found = read("\n".join([order, *written]))
    assert (found.texts, found.refused) == (["whole", "fine"], {3: "bad_csv", 4: "bad_csv"})


@pytest.mark.parametrize("header", [CSV, TEXT_FIRST])
@examples(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whoever_writes_no_quotes_nothing_of_a_text_is_cut(read: Reader, header: str, data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.text('a, \n"', max_size=20), max_size=5))
    times = st.sampled_from(["2016-03-01", "1456826400", "0000-00-00", "NULL"])
    names, written, begin = header.strip().split(","), header, list[int]()
    for number, text in enumerate(texts):
        begin.append(written.count("\n") + 1)
        known = {"author": "ann", "story": "tide", "created_at": data.draw(times)}
        written += ",".join((known | {"id": str(number), "text": text}).get(name, "") for name in names) + "\n"
    found = read(written)
    for row in found.rows:
        assert row.text.replace('"', "").strip() == texts[int(row.id)].replace('"', "").strip()
    assert {row.line for row in found.rows} | set(found.refused) >= set(begin)


def test_times_that_nobody_can_read_are_called_that(read: Reader) -> None:
    found = read(CSV + "1,ann,tide,,01/03/2016,one\n2,ann,tide,,01/03/2016,two\n")
    assert found.refused == {2: "bad_created_at", 3: "bad_created_at"}


@pytest.mark.parametrize("name", ["bob", "bob, jr"])
@pytest.mark.parametrize("closing", ['said"', 'said",', 'said",,,,,,,', '"'])
def test_no_text_swallows_the_rows_after_a_quote_that_was_only_opened(read: Reader, name: str, closing: str) -> None:
    lost = f'1,ann,tide,,2016-03-01,"open\n2,{name},tide,,2016-03-01,{closing}\n'
    found = read(CSV + lost + "3,ann,tide,,2016-03-01,fine\n")
    assert (found.texts, set(found.refused)) == (["fine"], {2, 3})


def test_a_line_break_escaped_as_mysql_does_is_refused(read: Reader) -> None:
    found = read(CSV + '1,ann,tide,,2016-03-01,"first\\\nsecond"\n2,ann,tide,,2016-03-01,fine\n')
    assert (found.texts, found.refused) == (["fine"], {2: "escaped_line"})


def test_each_line_that_an_open_quote_swallows_is_refused(read: Reader) -> None:
    found = read(
        CSV
        + '0,ann,tide,,2016-03-01,ok\n1,ann,tide,,2016-03-01,"open\n'
        + '2,ann,tide,,2016-03-01,"x"\n3,ann,tide,,2016-03-01,y\n'
    )
    assert found.texts == ["ok", "y"]
    assert set(found.refused) == {3, 4}
