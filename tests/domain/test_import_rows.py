"""Each row has the parent and the author that its source meant and stands in order, or is refused with a reason."""

from typing import Any

import pytest

from app.text.characters import MOST_MARKS
from tests.support.exports import CSV, Bring, Reader, lines


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
