"""btl import, as an operator types it."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import Database
from app.models import Comment
from config.settings import Settings
from tests.support import factories
from tests.support.commands import btl

HEADER = "id,author,story,parent,created_at,text\n"


def test_it_says_what_was_taken_and_lists_what_was_refused(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    with database.transaction() as session:
        factories.site(session, "paper")
    file, refusals = tmp_path / "a.csv", tmp_path / "refused.csv"
    file.write_text(HEADER + "1,ann,tide,9,2016-03-01,an orphan\n2,ann,tide,,2016-03-01,<p>x</p>\n")
    done = btl(settings, "import", str(file), "--orphans", "root", "--refusals", str(refusals))
    assert done.returncode == 0
    assert "1 comments taken, 0 were in already, 1 refused." in done.stdout
    assert refusals.read_text().splitlines() == ["line,id,reason", "3,2,looks_like_html"]
    again = btl(settings, "import", str(file), "--orphans", "root", "--html")
    assert "1 comments taken, 1 were in already, 0 refused." in again.stdout


def test_it_says_where_a_line_break_may_have_been_written_as_two_characters(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    with database.transaction() as session:
        factories.site(session, "paper")
    file = tmp_path / "a.csv"
    texts = [r"one\ntwo", "plain", *[r'"C:\new"'] * 20]
    rows = [f"{number},ann,tide,,2016-03-01,{text}\n" for number, text in enumerate(texts)]
    file.write_text((HEADER + "".join(rows)).replace(",", "\t"))
    shown = ", ".join(map(str, [2, *range(4, 23)]))
    warning = rf"Texts with \n as two characters, which stay as they are: 21, in {shown}, … (docs/import.md)."
    done = btl(settings, "import", str(file), "--dry-run")
    assert done.stdout.splitlines()[0] == "22 comments would be taken, 0 were in already, 0 refused."
    assert done.stdout.splitlines()[-1] == warning
    assert btl(settings, "import", str(file)).stdout.splitlines()[-1] == warning
    with database.reading() as session:
        assert set(session.scalars(select(Comment.text))) == {r"one\ntwo", "plain", r"C:\new"}


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("a.csv", "id,text\n", ()),
        ("a.csv", HEADER, ("--column", "body=text")),
        ("a.csv", HEADER, ("--column", "text")),
        ("a.csv.gz", HEADER, ()),
        ("a.xml", HEADER, ()),
        ("a.jsonl", "[]", ()),
    ],
)
def test_a_file_that_it_cannot_read_ends_it_with_a_sentence(
    database: Database, settings: Settings, tmp_path: Path, name: str, content: str, options: tuple[str, ...]
) -> None:
    with database.transaction() as session:
        factories.site(session, "paper")
    file = tmp_path / name
    file.write_text(content)
    done = btl(settings, "import", str(file), *options)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
