"""Exports as other systems write them: each row stands as its source meant it, or its line is refused with a reason."""

import gzip
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock
from app.db import Database
from app.interchange.files import BadFile
from app.interchange.html import as_typed
from app.interchange.importer import Import
from app.interchange.parsing import Reading, Row, rows
from app.interchange.records import BadRow, Place
from app.models import Account, Comment, Site, Story
from app.stories import sites
from app.text import markup
from app.text.characters import MOST_MARKS
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled

CSV = "id,author,story,parent,created_at,text\n"


class Brought(NamedTuple):
    """What came of an import: texts in the order in which they are read, and the refusals by their lines."""

    comments: list[Comment]
    refused: dict[Place, str]
    authors: dict[int, str]
    stories: dict[int, Story]

    @property
    def texts(self) -> list[str]:
        return [comment.text for comment in self.comments]


Bring = Callable[..., Brought]
Reader = Callable[..., "Read"]


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        return factories.site(session, "paper")


@pytest.fixture
def bring(database: Database, house: HouseRules, settings: Settings, site: Site, tmp_path: Path) -> Bring:
    def _bring(
        content: str | bytes,
        name: str = "a.csv",
        columns: Mapping[str, str] = {},
        html: bool | None = None,
        orphans: bool = False,
    ) -> Brought:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        refused: dict[Place, str] = {}

        def refuse(row: Any) -> None:
            assert row.line not in refused
            refused[row.line] = row.reason

        it = assembled(settings, house, database)
        job = Import(it, sites.by_key(database, "paper"), "old", refuse, lambda *_: None, orphans)
        job.run(path, Reading(columns, html))
        with database.reading() as session:
            return Brought(
                list(session.scalars(select(Comment).order_by(Comment.root_id, Comment.position))),
                refused,
                {account.id: account.name for account in session.scalars(select(Account))},
                {story.id: story for story in session.scalars(select(Story))},
            )

    return _bring


class Read(NamedTuple):
    """The rows of a file, and the refusals by their lines."""

    rows: list[Row]
    refused: dict[Place, str]

    @property
    def texts(self) -> list[str]:
        return [row.text for row in self.rows]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    def _read(content: str | bytes, name: str = "a.csv") -> Read:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        found = list(rows(path))
        return Read(
            [row for row in found if isinstance(row, Row)],
            {row.line: row.reason for row in found if isinstance(row, BadRow)},
        )

    return _read


def lines(*records: dict[str, Any]) -> str:
    base = {"author": "ann", "story": "tide", "created_at": "2016-03-01T10:00:00Z"}
    return "".join(json.dumps(base | record) + "\n" for record in records)


# rows that are not what they seem to be


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


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"text": ["a", "b"]}, "bad_text"),
        ({"text": {"a": 1}}, "bad_text"),
        ({"text": 5}, "bad_text"),
        ({"text": True}, "bad_text"),
        ({"author": {"name": "ann"}}, "bad_author"),
        ({"story": ["a"]}, "bad_story"),
        ({"id": 1.5}, "bad_id"),
        ({"id": False}, "bad_id"),
        ({"parent": {"id": 1}}, "bad_parent"),
        ({"created_at": []}, "bad_created_at"),
        ({"text": None}, "no_text"),
    ],
)
def test_json_of_the_wrong_type_is_refused(read: Reader, record: dict[str, Any], reason: str) -> None:
    found = read(lines({"id": "1", "text": "x"} | record, {"id": "2", "text": "fine"}), "a.jsonl")
    assert (found.texts, found.refused) == (["fine"], {1: reason})


def test_the_same_id_again_is_refused(bring: Bring) -> None:
    found = bring(CSV + "1,ann,tide,,2016-03-01,one\n1,ann,tide,,2016-03-01,another\n")
    assert (found.texts, found.refused) == (["one"], {3: "id_twice"})


# parents and authors


@pytest.mark.parametrize("parent", ["0", "root", "NULL", "null", r"\N", "None", ""])
def test_a_parent_that_means_none_is_none(bring: Bring, parent: str) -> None:
    found = bring(CSV + f"1,ann,tide,{parent},2016-03-01,one\n2,ann,tide,1,2016-03-02,two\n")
    assert [(comment.text, comment.depth) for comment in found.comments] == [("one", 0), ("two", 1)]


@pytest.mark.parametrize("parent", ["0", "root", "NULL"])
def test_unless_a_row_has_that_id(bring: Bring, parent: str) -> None:
    found = bring(CSV + f"1,ann,tide,{parent},2016-03-02,two\n{parent},ann,tide,,2016-03-01,one\n")
    assert [(comment.text, comment.depth) for comment in found.comments] == [("one", 0), ("two", 1)]


def test_who_is_not_named_has_a_neutral_name_and_keeps_the_thread(bring: Bring) -> None:
    found = bring(lines({"id": 1, "author": None, "text": "one"}, {"id": 2, "parent": 1, "text": "two"}), "a.jsonl")
    assert [found.authors[comment.account_id] for comment in found.comments] == ["Reader", "ann"]
    assert (found.comments[1].parent_id, found.refused) == (found.comments[0].id, {})


@pytest.mark.parametrize("author", ["", r"\N", "NULL", "  "])
def test_nor_has_who_is_not_named_in_a_csv(bring: Bring, author: str) -> None:
    found = bring(CSV + f"1,{author},tide,,2016-03-01,one\n")
    assert [found.authors[comment.account_id] for comment in found.comments] == ["Reader"]


def test_no_name_is_cut(bring: Bring) -> None:
    names = ["Prof. Dr. Anna-Maria von Wartenburg-Schulze zu Hohenfels", "n" * 200, "n" * 201]
    found = bring(CSV + "".join(f"{n},{name},tide,,2016-03-01,text {n}\n" for n, name in enumerate(names, start=1)))
    assert [found.authors[comment.account_id] for comment in found.comments] == names[:2]
    assert found.refused == {4: "long_author"}


def test_a_name_is_read_as_the_texts_are(bring: Bring) -> None:
    name = "Tom &amp; O&#39;Brien"
    records = {
        "a.csv": CSV + f'1,"{name}",tide,,2016-03-01,x\n',
        "a.jsonl": lines({"id": 2, "author": name, "text": "x"}),
    }
    for file, content in records.items():
        assert set(bring(content, file).refused.values()) == {"looks_like_html"}
        found = bring(content, file, html=True)
        assert [found.authors[comment.account_id] for comment in found.comments][-1] == "Tom & O'Brien"
    assert len(found.authors) == 1


def test_a_name_that_the_text_around_it_disappears_under_has_as_many_marks_as_any_script_needs(bring: Bring) -> None:
    found = bring(lines({"id": 1, "author": "H" + "\u0301" * 120, "text": "x"}), "a.jsonl")
    assert list(found.authors.values()) == ["H" + "\u0301" * MOST_MARKS]


ORPHANS = (
    CSV
    + "1,ann,tide,99,2016-03-01,orphan\n2,ann,tide,1,2016-03-02,reply\n"
    + "3,ann,tide,4,2016-03-01,a\n4,ann,tide,3,2016-03-01,b\n"
)


def test_a_parent_that_is_not_in_the_file_is_refused(bring: Bring) -> None:
    found = bring(ORPHANS)
    assert (found.texts, found.refused) == ([], dict.fromkeys((2, 3, 4, 5), "unknown_parent"))


def test_or_done_without_if_the_operator_says_so(bring: Bring) -> None:
    found = bring(ORPHANS, orphans=True)
    assert [(comment.text, comment.depth) for comment in found.comments] == [("orphan", 0), ("reply", 1)]
    assert found.refused == {4: "unknown_parent", 5: "unknown_parent"}


# the order of things


def test_a_file_with_the_newest_first_reads_in_order_of_time(bring: Bring) -> None:
    rows = [f"{n},ann,tide,{0 if n > 1 else ''},2016-03-01T10:{n:02}:00Z,c{n}" for n in range(1, 40)]
    found = bring(CSV + "\n".join(["0,ann,tide,,2016-03-01T09:00:00Z,c0", *reversed(rows)]) + "\n")
    replies = [comment for comment in found.comments if comment.depth]
    assert [comment.text for comment in replies] == [f"c{n}" for n in range(2, 40)]


@pytest.mark.parametrize("newest_first", [False, True])
def test_rows_of_one_time_keep_their_place_and_a_long_chain_its_levels(bring: Bring, newest_first: bool) -> None:
    rows = [f"{n},a{n % 7},tide,{n - 1 if n % 150 else ''},2016-03-01,c{n}" for n in range(300)]
    found = bring(CSV + "\n".join(reversed(rows) if newest_first else rows) + "\n")
    assert sorted(found.texts) == sorted(f"c{n}" for n in range(300))
    assert [c.depth for c in sorted(found.comments, key=lambda c: int(c.text[1:]))] == [n % 150 for n in range(300)]


def test_120_rows_of_one_time_are_read_in_the_order_of_the_file(bring: Bring) -> None:
    found = bring(CSV + "".join(f"{n},a{n % 7},s{n % 2},,2016-03-01,c{n}\n" for n in range(120)))
    ordered = sorted(found.comments, key=lambda comment: comment.id)
    assert [comment.text for comment in ordered] == [f"c{n}" for n in range(120)]
    assert len({comment.created_at for comment in ordered}) == 1


# HTML

HTML = {
    '<p>See <a href="https://example.com/">a plan</a></p>': '<p>See <a href="https://example.com/">a plan</a></p>',
    "It&#39;s &quot;so&quot; &amp; &lt;b&gt;": '<p>It\'s "so" &amp; &lt;b&gt;</p>',
    "a<br>b<br/>c": "<p>a<br>\nb<br>\nc</p>",
    "<p>one</p><p>two</p>": "<p>one</p>\n<p>two</p>",
    "<blockquote>said</blockquote>I answer": "<blockquote>\n<p>said</p>\n</blockquote>\n<p>I answer</p>",
    "<b>bold</b> and <i>slanted</i>": "<p><strong>bold</strong> and <em>slanted</em></p>",
    "un<b>believ</b>able": "<p>unbelievable</p>",
    "<ul><li>a</li><li>b</li></ul>": "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
    "<ul><li>a<br>b</li><li>c</li></ul>": "<ul>\n<li>a<br>\nb</li>\n<li>c</li>\n</ul>",
    "2*3*4 and *no* mark_up_ [x](https://example.com/a_b)": (
        '<p>2*3*4 and *no* mark_up_ [x](<a href="https://example.com/a_b">https://example.com/a_b</a>)</p>'
    ),
    '<a href="https://example.com/very/long">https://example.com/ve…</a>': '<p><a href="https://example.com/very/long">https://example.com/very/long</a></p>',
    "one line\nand another, as WordPress keeps them": "<p>one line<br>\nand another, as WordPress keeps them</p>",
    "<p>one line\nof source</p>": "<p>one line of source</p>",
    "<script>alert(1)</script>seen": "<p>seen</p>",
    '<img src="https://example.com/c.png" alt="a cat">': '<p>a cat <a href="https://example.com/c.png">https://example.com/c.png</a></p>',
    "<pre><code>x = *a*\n  y</code></pre>": "<pre><code>x = *a*\n  y\n</code></pre>",
    '<a href="javascript:alert(1)">x</a>': "<p>x</p>",
    "x<sup>2</sup> + 10<sup>\u22123</sup>, e<sup>x</sup>, the 4<sup>th</sup>": "<p>x² + 10⁻³, eˣ, the 4ᵗʰ</p>",
    "2<sup>q</sup>, 2<sup>a/b</sup>, H<sub>2</sub>O, log<sub>B</sub>, y<sub>A, B</sub>": (
        "<p>2^q, 2^(a/b), H₂O, log_B, y_(A, B)</p>"
    ),
    "<table>\n<tr><td>a</td><td>b</td></tr>\n<tr><th>c<td>d</table>": "<p>a b<br>\nc d</p>",
    "she said <q>no</q>": '<p>she said "no"</p>',
    "<center>a</center>b<section>c</section>d": "<p>a<br>\nb<br>\nc<br>\nd</p>",
    "<a href='https://e.example/(x'>w</a>": '<p><a href="https://e.example/%28x">w</a></p>',
    "<a href='https://e.example/a b)[c'>w</a>.": '<p><a href="https://e.example/a%20b%29%5Bc">w</a>.</p>',
    "<a href='https://e.example/“é”'>w</a>": '<p><a href="https://e.example/%E2%80%9Cé%E2%80%9D">w</a></p>',
    "<code>a<sub>B</sub></code>": "<p><code>aB</code></p>",
    "<a href='https://e.example/a_(b)'>w</a>": '<p><a href="https://e.example/a_(b)">w</a></p>',
    "<ul><li><p>a</p></li><li><div>b</div></li></ul>": "<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>",
    "<ol><li><blockquote>a</blockquote></li></ol>b": ("<blockquote>\n<ol>\n<li>a</li>\n</ol>\n</blockquote>\n<p>b</p>"),
    "<ul><li>a<ul><li>b</li></ul></li><li></li></ul>c": (
        "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>\n<p>c</p>"
    ),
    "<b>Quay</b><b>side</b>, <i>a</i><i>b</i>": "<p><strong>Quayside</strong>, <em>ab</em></p>",
    "<strong>A</strong><em>B</em>C and <b><i>both</i></b>": "<p>ABC and <em><strong>both</strong></em></p>",
    "<b>Note: <i>x</i></b>; <i>a<br>b</i>": "<p><strong>Note: x</strong>; <em>a</em><br>\n<em>b</em></p>",
    "<i>*</i>not<i>*</i> *<wbr>so*": "<p>*not* *so*</p>",
    "<a href='https://e.example/a'>figure 2] of it</a>": '<p><a href="https://e.example/a">figure 2] of it</a></p>',
    "<a href=' https://e.example/a '>w</a>": '<p><a href="https://e.example/a">w</a></p>',
    "<a href='//e.example/b'>w</a>": '<p><a href="https://e.example/b">w</a></p>',
    "<a href='https://e.example/a.'>w</a>": '<p><a href="https://e.example/a%2E">w</a></p>',
    "<a href='/a'>one</a> <a href='#c'>two</a>": "<p>one (/a) two</p>",
    "<a href='https://e.example/a'>www.other.example</a>": (
        '<p><a href="http://www.other.example">www.other.example</a> '
        '(<a href="https://e.example/a">https://e.example/a</a>)</p>'
    ),
    "so<a href='https://e.example/a'></a>it is": (
        '<p>so <a href="https://e.example/a">https://e.example/a</a> it is</p>'
    ),
    "<code>`ls`</code>, <code>a`b</code>": "<p>`ls`, <code>a`b</code></p>",
    "<p>x</p><pre>\n```\ny</pre>": "<p>x</p>\n<pre><code>```\ny\n</code></pre>",
    "<pre>never closed": "<pre><code>never closed\n</code></pre>",
    "<blockquote><pre>a\nb</pre></blockquote>": (
        "<blockquote>\n<p><code>a</code><br>\n<code>b</code></p>\n</blockquote>"
    ),
    "<p>```</p><p>x</p><p>```</p>": "<p>```</p>\n<p>x</p>\n<p>```</p>",
}


def test_html_reads_as_it_did(bring: Bring) -> None:
    found = bring(lines(*({"id": n, "text": text} for n, text in enumerate(HTML))), "a.jsonl", html=True)
    shown = [markup.render(text).replace(' rel="nofollow ugc noopener"', "") for text in found.texts]
    assert (dict(zip(HTML, shown, strict=True)), found.refused) == (HTML, {})


ODD = ["quay", "2*3=6", "f**k", "*so*", "**b", "a_b_c", "_x_", "~~c~~", "`ls`", "don`t", "[1]", "](", "\\*", "AT&T"]
ODD += ["&amp;", "“so”", "(", ")", "!", ",", "?", "```", "€", "é"]
words = st.lists(st.sampled_from([*ODD, " "]), min_size=1, max_size=4).map("".join)
# what cannot be said as the words of a link
others = st.sampled_from(["https://example.com/a_b", "[x](https://example.com/a)", "www.example.com", "¯\\_(ツ)_/¯"])
told = st.one_of(words, words, others).map(lambda text: (escape(text), text))
bare = words.filter(str.strip).map(lambda text: (escape(text), text))
Html = st.SearchStrategy[tuple[str, str]]


def within(inside: Html, *tags: str) -> Html:
    """HTML and what is read of it: some of `inside`, in elements of one of `tags`."""

    def joined(tag: str, parts: list[tuple[str, str]]) -> tuple[str, str]:
        html, read = ("".join(each) for each in zip(*parts, strict=True))
        return f"<{tag}>{html}</{tag.split()[0]}>", read

    return st.builds(joined, st.sampled_from(tags), st.lists(inside, min_size=1, max_size=3))


def phrases(inside: Html) -> Html:
    return st.recursive(
        inside, lambda more: within(more, "b", "strong", "i", "em", "s", "del", "code", "u", "span"), max_leaves=5
    )


targets = ("https://example.com/a_(b)", "//example.com/a.")
# directly behind an address its words would be of that
links = (f'a href="{target}"' for target in targets)
linked = within(phrases(bare), *links).map(lambda link: (f" {link[0]}", link[1]))
flow = phrases(st.one_of(told, linked))
paragraphs = st.recursive(
    st.one_of(within(flow, "p", "div", "h3"), flow, within(told, "pre", "pre><code")),
    lambda more: st.one_of(
        within(more, "blockquote", "div"), within(st.one_of(within(more, "li"), within(flow, "li")), "ul", "ol")
    ),
    max_leaves=5,
)


@given(within(paragraphs, "div"))
@examples(max_examples=40)
def test_of_any_html_each_word_is_read_and_no_mark(written: tuple[str, str]) -> None:
    html, words = written
    # the numbers of a list stand in the text where it goes on below something else
    read = (re.sub(r"\d+\.|\s", "", text) for text in (markup.plain(as_typed(html)), words))
    assert next(read) == next(read), as_typed(html)


def test_what_looks_like_html_waits_for_the_operators_word(bring: Bring) -> None:
    texts = ["a<br>b", "It&#39;s", "<p>x</p>", "I <3 you & a<b>c", "if a < b and c > d; AT&T"]
    records = lines(*({"id": n, "text": text} for n, text in enumerate(texts)))
    assert bring(records, "a.jsonl").refused == dict.fromkeys((1, 2, 3, 4), "looks_like_html")
    found = bring(records, "a.jsonl", html=False)
    assert (sorted(found.texts), found.refused) == (sorted(texts), {})


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Gr&uuml;&szlig;e",
            "caf&eacute;",
            "5 &euro;",
            "&copy; Ann",
            "&laquo;so&raquo;",
            "a&NBSP;&nbsp;b",
            "&#X41;",
            "x&sup2;",
        ),
        *(
            "<s>no</s>",
            "<del>no</del>",
            '<font color="red">no</font>',
            "<table><tr><td>a",
            "a<hr>b",
            "a<HR />b",
            "x<sup>2",
            "<small>x",
        ),
        *(
            "<center>x",
            "<q>x",
            "a<wbr>b",
            "<h3 class=x>",
            "<ins>x",
            "<cite>x",
            "<dl>",
            "<!-- more -->",
            "<iframe src=x>",
        ),
    ],
)
def test_html_is_known_by_any_of_its_tags_and_names(read: Reader, text: str) -> None:
    assert read(lines({"id": 1, "text": text}), "a.jsonl").refused == {1: "looks_like_html"}


@pytest.mark.parametrize(
    "text",
    [
        "a < b",
        "a<b",
        "AT&T",
        "R&D; and Q&A;",
        "I <3 you",
        "<grin> <sigh>",
        "<- there ->",
        "a &co b",
        "&; &#; &#x;",
        "?a=1&copy=2",
        "&EACUTE;",
    ],
)
def test_what_people_type_is_no_html(read: Reader, text: str) -> None:
    assert read(lines({"id": 1, "text": text}), "a.jsonl").texts == [text]


# stories


def test_ways_to_write_the_address_of_a_story_are_one_story(bring: Bring, site: Site) -> None:
    (origin,) = site.origins
    addresses = [
        f"{origin}/a",
        f"{origin}/a#disqus_thread",
        f"{origin}/a#comments",
        origin.replace("https:", "http:") + "/a",
        origin.replace("https:", "http:") + ":80/a",
        origin.replace("https:", "HTTPS:") + "/a",
        "https://" + origin.removeprefix("https://").upper() + "/a",
        f"{origin}:443/a",
    ]
    rows = [f"{n},ann,{address},,2016-03-01,text {n},The tide &amp; us" for n, address in enumerate(addresses)]
    found = bring("id,author,story,parent,created_at,text,title\n" + "\n".join(rows) + "\n", html=True)
    (story,) = found.stories.values()
    assert (story.key, story.url, story.title) == (f"{origin}/a", f"{origin}/a", "The tide & us")
    assert (len(found.texts), found.refused) == (len(addresses), {})


def test_what_says_less_than_a_whole_address_means_one_of_the_site_and_a_word_is_a_key(
    bring: Bring, site: Site
) -> None:
    (origin,) = site.origins
    host = origin.removeprefix("https://")
    meant = {
        "/a": f"{origin}/a",
        f"{origin}/a": f"{origin}/a",
        f"//{host}/a": f"{origin}/a",
        f"{host.upper()}/a": f"{origin}/a",
        f"{host}?p=12": f"{origin}/?p=12",
        "/a/b c": f"{origin}/a/b%20c",
    }
    words = ["a", "news:2024", "post-12", "tag:paper.example,2024:12", "index.php/2024", "data:2024", "v1.2/a b"]
    found = bring(lines(*({"id": n, "story": key, "text": "x"} for n, key in enumerate([*meant, *words]))), "a.jsonl")
    assert found.refused == {}
    assert {story.key: story.url for story in found.stories.values()} == {
        address: address for address in meant.values()
    } | {word: f"{origin}/{quote(word)}" for word in words}


def test_an_address_that_is_none_of_the_site_makes_no_story(bring: Bring, site: Site) -> None:
    (origin,) = site.origins
    host = origin.removeprefix("https://")
    foreign = [f"{scheme}{host}/a" for scheme in ("ftp://", "https:/", "FILE:///", "android-app://")]
    foreign += ["//evil.example/a", "//a", "///a", "www.evil.example/a"]
    foreign += ["javascript:alert(1)", "JavaScript:void(0)", "mailto:ann@example.com", "data:text/html,x"]
    told = [*({"story": each} for each in foreign), {"url": "//evil.example/a"}]
    found = bring(lines(*({"id": n, "text": "x"} | each for n, each in enumerate(told))), "a.jsonl")
    assert found.refused == dict.fromkeys(range(1, len(told) + 1), "url_not_allowed")
    assert found.stories == {}


def test_another_port_is_another_place(bring: Bring, site: Site) -> None:
    (origin,) = site.origins
    found = bring(
        lines(*({"id": n, "story": f"{origin}{end}", "text": "x"} for n, end in enumerate((":8443/a", "", "/")))),
        "a.jsonl",
    )
    assert ({story.key for story in found.stories.values()}, found.refused) == ({f"{origin}/"}, {1: "url_not_allowed"})


def test_the_title_may_have_another_name_and_need_not_be_there(bring: Bring) -> None:
    found = bring(
        lines({"id": 1, "text": "x", "headline": "Ebb"}, {"id": 2, "text": "y", "story": "flow"}),
        "a.jsonl",
        {"title": "headline"},
    )
    assert {story.title for story in found.stories.values()} == {"Ebb", "flow"}


# times


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


# files

TEXT = "Grüße — “naïve” 日本 ≠"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_csv_is_read_whoever_wrote_it(read: Reader, delimiter: str, encoding: str, end: str) -> None:
    header = [" id ", "author", "story ", "parent", '"created_at"', "text"]
    rows = [
        header,
        ["1", "ann", "tide", "", "2016-03-01", f'"{TEXT}{delimiter}, so"'],
        ["2", "bob", "tide", "1", "2016-03-01", "x"],
    ]
    found = read(end.join(delimiter.join(row) for row in rows).encode(encoding))
    assert (found.texts, found.refused) == ([f"{TEXT}{delimiter}, so".replace("\t", "\t"), "x"], {})


def test_the_line_in_which_excel_names_its_delimiter_is_no_header(read: Reader) -> None:
    found = read("sep=;\n" + CSV.replace(",", ";") + "1;ann;tide;;2016-03-01;x\nbad\n")
    assert (found.texts, found.refused) == ([], {3: "broken_line", 4: "too_few_fields"})


def test_what_is_not_utf_8_is_refused_line_by_line_and_nothing_becomes_a_question_mark(bring: Bring) -> None:
    rows = (
        CSV + "1,ann,tide,,2016-03-01,plain\n2,ann,tide,,2016-03-01,Grüße – “so”\n3,José,tide,,2016-03-01,plain too\n"
    )
    found = bring(rows.encode("windows-1252"))
    assert (found.texts, found.refused) == (["plain"], {3: "not_utf8", 4: "not_utf8"})
    again = bring(rows)
    assert (sorted(again.texts), again.refused) == (["Grüße – “so”", "plain", "plain too"], {})


def test_nor_in_json(read: Reader) -> None:
    found = read(lines({"id": 1, "text": "x"}).encode() + '{"id": 2, "text": "é"}\n'.encode("latin-1"), "a.jsonl")
    assert (found.texts, found.refused) == (["x"], {2: "not_utf8"})


BAD = {
    "a.csv": [
        b"",
        b"id;author\n1;2\n",
        b"\x00i\x00d",
        b"i\x00d\x00,",
        CSV.replace("text", "text,text").encode(),
        b"\xff\xfei\x00d",
        b'"id',
    ],
    "a.csv.gz": [b"not packed", gzip.compress(CSV.encode() * 100, mtime=0)[:-20], b""],
    "a.jsonl": [b'[{"id": 1}]', b'[\n{"id": 1}\n]'],
    "a.xml": [b"<disqus/>"],
}


@pytest.mark.parametrize(("name", "content"), [(name, content) for name, all_ in BAD.items() for content in all_])
def test_a_file_that_cannot_be_read_is_one_sentence(read: Reader, name: str, content: bytes) -> None:
    with pytest.raises(BadFile) as stopped:
        read(content, name)
    assert str(stopped.value).endswith(".")
    assert "\n" not in str(stopped.value)
