import gzip
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.interchange.files import BadFile
from app.interchange.parsing import Reading, Row, rows
from app.interchange.records import BadRow

HEADER = "id,author,story,parent,created_at,text\n"


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_csv_and_jsonl_give_the_same_rows(tmp_path: Path) -> None:
    csv = written(tmp_path / "a.csv", HEADER + '1,ann,s,,2016-03-01T10:00:00Z,"two\nlines"\n2,bob,s,1,1456826400,hi\n')
    lines = [
        {"id": "1", "author": "ann", "story": "s", "created_at": "2016-03-01T10:00:00Z", "text": "two\nlines"},
        {"id": 2, "author": "bob", "story": "s", "parent": 1, "created_at": 1456826400, "text": "hi"},
    ]
    jsonl = written(tmp_path / "a.jsonl", b"\n".join(msgspec.json.encode(line) for line in lines))
    strip = [(r.id, r.author, r.parent, r.created_at, r.text) for r in rows(csv) if isinstance(r, Row)]
    assert strip == [(r.id, r.author, r.parent, r.created_at, r.text) for r in rows(jsonl) if isinstance(r, Row)]
    assert len(strip) == 2


def test_columns_may_have_other_names_and_the_file_may_be_gzipped(tmp_path: Path) -> None:
    path = tmp_path / "b.csv.gz"
    path.write_bytes(gzip.compress(b"comment_id,who,story,created_at,body\n7,ann,s,2016-03-01,hello\n"))
    (row,) = rows(path, Reading({"id": "comment_id", "author": "who", "text": "body"}))
    assert isinstance(row, Row)
    assert (row.id, row.text, row.parent, row.line) == ("7", "hello", None, 2)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",ann,s,,2016-03-01,text", "no_id"),
        ("1,ann,,,2016-03-01,text", "no_story"),
        ("1,ann,s,,2016-03-01,  ", "no_text"),
        ("1,ann,s,,,text", "no_created_at"),
        ("1,ann,s,,yesterday,text", "bad_created_at"),
        ("1,ann,s,,1812-03-01,text", "bad_created_at"),
        ("1,ann\0,s,,2016-03-01,text", "nul"),
        ("1,ann", "too_few_fields"),
    ],
)
def test_a_line_that_is_no_comment_is_named_with_its_reason(tmp_path: Path, line: str, reason: str) -> None:
    (row,) = rows(written(tmp_path / "c.csv", HEADER + line + "\n"))
    assert isinstance(row, BadRow)
    assert (row.line, row.reason) == (2, reason)


def test_broken_utf_8_spoils_one_comment_only(tmp_path: Path) -> None:
    path = written(tmp_path / "d.csv", HEADER.encode() + b"1,ann,s,,2016-03-01,caf\xe9\n2,bob,s,,2016-03-01,ok\n")
    first, second = rows(path)
    assert first == BadRow(2, None, "not_utf8")
    assert isinstance(second, Row)
    assert second.text == "ok"


@pytest.mark.parametrize(
    ("name", "text", "columns"),
    [
        ("e.xml", HEADER, {}),
        ("e.csv", "id,text\n", {}),
        ("e.csv", "", {}),
        ("e.csv", HEADER, {"body": "text"}),
    ],
)
def test_a_file_that_cannot_be_read_at_all_says_so(
    tmp_path: Path, name: str, text: str, columns: dict[str, str]
) -> None:
    with pytest.raises(BadFile):
        list(rows(written(tmp_path / name, text), Reading(columns)))


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    for name in ("f.csv", "f.jsonl"):
        body = HEADER.encode() + raw if name.endswith("csv") else raw
        try:
            found = list(rows(written(folder / name, body)))
        except BadFile:
            continue
        assert all(isinstance(row, Row | BadRow) for row in found)


def test_a_field_without_end_spoils_one_row_only(tmp_path: Path) -> None:
    text = HEADER + f'1,ann,s,,2016-03-01,"{"x" * 10_000_001}"\n2,bob,s,,2016-03-01,ok\n'
    found = list(rows(written(tmp_path / "g.csv", text)))
    assert BadRow(2, None, "bad_csv") in found
    assert any(isinstance(row, Row) and row.text == "ok" for row in found)
