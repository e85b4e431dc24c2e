"""A file is read whoever wrote it; one that cannot be read is one sentence."""

import gzip

import pytest

from app.interchange.files import BadFile
from tests.support.exports import CSV, Bring, Reader, lines

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
