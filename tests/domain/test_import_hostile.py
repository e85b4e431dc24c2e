"""Files that are broken, or made to break us: one sentence, or a line for each row, and nothing else happens."""

import gzip
import json
import random
import socket
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.interchange import files, isso, records
from app.interchange.files import BadFile
from app.interchange.parsing import Reading, Row, rows
from app.interchange.records import BadRow, OldBan
from app.text import markup
from tests.support import old_systems
from tests.support.old_systems import SYSTEMS
from tests.support.vectors import VECTORS


@pytest.fixture(autouse=True)
def nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("somebody was called")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def read(path: Path, reading: Reading = Reading()) -> tuple[list[Row], list[BadRow]]:
    found = list(rows(path, reading))
    return [row for row in found if isinstance(row, Row)], [row for row in found if isinstance(row, BadRow)]


def refusal(path: Path, reading: Reading = Reading()) -> str:
    """The sentence that a file is refused with."""
    with pytest.raises(BadFile) as stopped:
        list(rows(path, reading))
    said = str(stopped.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


# XML

BOMB = "".join(
    ["<!DOCTYPE disqus [<!ENTITY a0 'ha'>", *(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)), "]>"]
)
EXTERNAL = "<!DOCTYPE disqus [<!ENTITY a9 SYSTEM 'file:///etc/passwd'>]>"
ELSEWHERE = "<!DOCTYPE disqus SYSTEM 'http://127.0.0.1:9/disqus.dtd'>"
PARAMETER = "<!DOCTYPE disqus [<!ENTITY % a SYSTEM 'http://127.0.0.1:9/a'> %a;]>"


@pytest.mark.parametrize("declared", [BOMB, EXTERNAL, ELSEWHERE, PARAMETER, "<!DOCTYPE disqus>"])
@pytest.mark.parametrize("system", ["disqus", "wordpress"])
def test_a_document_that_declares_anything_is_refused_before_it_is_believed(
    tmp_path: Path, system: str, declared: str
) -> None:
    path = SYSTEMS[system](tmp_path)
    head, body = path.read_text().split("\n", 1)
    path.write_text(f"{head}\n{declared}\n" + body.replace("Ann Archer", "&a9;", 1))
    assert "declares" in refusal(path)


def test_an_entity_that_nobody_declared_is_refused(tmp_path: Path) -> None:
    path = old_systems.disqus(tmp_path)
    path.write_text(path.read_text().replace("Ann Archer", "&secret;", 1))
    assert "line 22" in refusal(path)


def test_elements_within_elements_have_a_bottom(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<disqus>" + "<post>" * 100_000)
    assert "deep" in refusal(path)


def test_an_element_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.interchange.elements.LONGEST_FIELD_CHARACTERS", 1000)
    path = old_systems.disqus(tmp_path)
    path.write_text(path.read_text().replace("What I take back.", "ha" * 1000))
    assert "1,000 characters" in refusal(path)


@pytest.mark.parametrize("cut", [10, 300, 1500, 2000])
@pytest.mark.parametrize("system", ["disqus", "wordpress"])
def test_a_file_that_ends_too_soon_is_refused_whole(tmp_path: Path, system: str, cut: int) -> None:
    path = SYSTEMS[system](tmp_path)
    path.write_bytes(path.read_bytes()[:-cut])
    assert "no XML from line" in refusal(path)


@pytest.mark.parametrize("system", ["disqus", "wordpress"])
def test_controls_that_xml_does_not_allow_say_nothing_and_cost_nothing(tmp_path: Path, system: str) -> None:
    path = SYSTEMS[system](tmp_path)
    plain = read(path)
    path.write_text(path.read_text().replace("last year", "last\x0b \x00year\x08"))
    assert read(path) == plain


def test_bytes_that_are_no_text_spoil_one_comment_of_xml(tmp_path: Path) -> None:
    path = old_systems.disqus(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"last year", b"last ye\xe9r"))
    good, bad = read(path)
    assert {row.id for row in good} == {"1", "3", "4", "5"}
    assert [(row.line, row.reason) for row in bad] == [(26, "not_utf8")]


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        path = old_systems.disqus(tmp_path)
        path.write_bytes(path.read_text().replace('encoding="utf-8"', "").encode(encoding))
        assert len(read(path, Reading(system="disqus"))[0]) == 5


def test_a_comment_before_its_article_has_no_story(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text('<disqus ><post dsq:id="1" xmlns:dsq="x"><thread dsq:id="9"/><message>x</message></post></disqus>')
    assert [row.reason for row in read(path)[1]] == ["no_story"]


def test_what_a_plugin_adds_replaces_nothing(tmp_path: Path) -> None:
    path = old_systems.wordpress(tmp_path)
    more = '<media:title xmlns:media="m">Another</media:title><extra:link xmlns:extra="e">https://evil.example/</extra:link>'
    path.write_text(path.read_text().replace("<wp:comment_status>", more + "<wp:comment_status>"))
    good, _ = read(path)
    assert {(row.title, row.url) for row in good} == {
        ("Council backs the harbour plan & the ferry", "https://paper.example/harbour-plan")
    }


def test_html_longer_than_any_comment_is_not_even_parsed(tmp_path: Path) -> None:
    path = old_systems.disqus(tmp_path)
    path.write_text(path.read_text().replace("last year", "<a " * 1_000_000))
    assert [(row.line, row.reason) for row in read(path)[1]] == [(26, "too_long")]


# packed files


def test_what_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "UNPACKED_AT_LEAST", 1024 * 1024)
    for name in ("a.jsonl.gz", "a.csv.gz", "a.xml.gz"):
        path = tmp_path / name
        head = b"id,author,story,created_at,text\n" if ".csv" in name else b"<disqus>\n"
        path.write_bytes(gzip.compress(head + b" " * 20_000_000))
        assert "times its size" in refusal(path)


def test_a_file_that_packs_well_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    line = json.dumps({"id": "1", "author": "a", "story": "s", "created_at": "2016-03-01", "text": "x" * 900}).encode()
    path.write_bytes(gzip.compress(line + b"\n" * 2_000_000))
    assert len(read(path)[0]) == 1


def test_a_packed_file_in_a_packed_file_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(gzip.compress(b"<disqus></disqus>")))
    assert "no export that we know" in refusal(path)


def test_a_line_without_end_is_refused_and_the_next_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LONGEST_FIELD_CHARACTERS", 1000)
    path = old_systems.remark42(tmp_path)
    path.write_text(path.read_text().replace("last year", "last " + "y" * 5000))
    good, bad = read(path)
    assert {row.id for row in good} == {"1", "3", "4", "5"}
    assert [(row.line, row.reason) for row in bad] == [(3, "endless_line")]


# lines of JSON


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ('{"id": "9"}', "no_story"),
        ('{"id": "9", "locator": []}', "no_story"),
        ('{"id": "9", "locator": {"url": {}}}', "bad_url"),
        ('{"id": {"a": 1}, "locator": {"url": "https://paper.example/a"}}', "bad_id"),
        ('{"id": "9", "user": "ann", "locator": {"url": "https://paper.example/a"}}', "no_created_at"),
        ('{"id": "9", "user": {"name": ["x"]}, "locator": {"url": "https://paper.example/a"}}', "bad_author"),
        ('{"id": "9", "text": "\\u0000", "locator": {"url": "https://paper.example/a\\u0000"}}', "nul"),
        (
            '{"id": "' + "9" * 201 + '", "time": "2016-03-01", "text": "x", "locator": {"url": "https://p.example/"}}',
            "long_id",
        ),
        ("[" * 100_000, "not_json"),
        ("null", "not_an_object"),
        ("\udcff", "not_utf8"),
    ],
)
def test_a_line_that_is_no_comment_is_refused(tmp_path: Path, said: str, reason: str) -> None:
    path = old_systems.remark42(tmp_path)
    path.write_bytes((path.read_text() + said + "\n").encode(errors="surrogateescape"))
    assert [(row.line, row.reason) for row in read(path)[1]] == [(7, reason)]


@pytest.mark.parametrize(
    "head", ['{"version":2,"users":[]}', '{"version":1,"users":[{"id":5}]}', '{"version":1,"users":', ""]
)
def test_a_backup_that_does_not_begin_as_one_is_refused(tmp_path: Path, head: str) -> None:
    path = old_systems.remark42(tmp_path)
    path.write_text(head + "\n" + path.read_text().split("\n", 1)[1])
    assert refusal(path, Reading(system="remark42"))


# databases

TABLES = (old_systems.EXPORTS / "isso.sql").read_text()


def database(path: Path, script: str) -> Path:
    with closing(sqlite3.connect(path)) as made:
        made.executescript(script)
    return path


def as_view(name: str) -> str:
    return f"{TABLES} ALTER TABLE {name} RENAME TO real; CREATE VIEW {name} AS SELECT * FROM real;"


TWISTED = {
    "a view of comments": as_view("comments"),
    "a view of threads": as_view("threads"),
    "a view without an end": """
        CREATE TABLE threads (id INTEGER PRIMARY KEY, uri, title);
        CREATE VIEW comments AS WITH RECURSIVE r(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM r)
            SELECT id, 1 AS tid, NULL AS parent, 1 AS created, 1 AS mode, 'x' AS text, 'a' AS author FROM r;
    """,
    "a generated column": TABLES.replace("text VARCHAR,", "text VARCHAR AS (hex(zeroblob(1000000))),").split("INSERT")[
        0
    ],
    "a virtual table": "CREATE VIRTUAL TABLE comments USING fts5(id, author, tid, parent, created, text, mode);",
    "no table": "CREATE TABLE threads (id, uri, title);",
    "a column too few": "CREATE TABLE threads (id, uri, title); CREATE TABLE comments (id, tid, parent, text);",
}


@pytest.mark.parametrize("twist", TWISTED)
def test_a_schema_that_would_run_something_is_refused(tmp_path: Path, twist: str) -> None:
    assert "no plain table" in refusal(database(tmp_path / "comments.db", TWISTED[twist]))


def test_triggers_and_indexes_of_a_database_do_nothing(tmp_path: Path) -> None:
    twist = """
        CREATE TRIGGER spread AFTER UPDATE ON comments BEGIN DELETE FROM comments; END;
        CREATE INDEX costly ON comments (substr(text, 1, 3)) WHERE length(text) > 2;
    """
    path = database(tmp_path / "comments.db", TABLES + twist)
    before = path.read_bytes()
    assert len(read(path)[0]) == 5
    assert path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["comments.db"]


def test_what_a_database_names_is_not_opened(tmp_path: Path) -> None:
    path = old_systems.isso(tmp_path)
    with closing(isso._opened(path)) as opened:
        for statement in (
            f"ATTACH '{tmp_path / 'other.db'}' AS other",
            "SELECT load_extension('x')",
            "DELETE FROM comments",
            "CREATE TEMP TABLE x (y)",
            "SELECT author FROM comments WHERE author LIKE 'a'",
        ):
            with pytest.raises(sqlite3.Error):
                opened.execute(statement)
    assert not (tmp_path / "other.db").exists()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1, 9, NULL, 1456826400, 1, 'x'", "no_story"),
        ("7, 9, NULL, 1456826400, 1, x'c328'", "bad_text"),
        ("7, 9, NULL, 1456826400, 1, CAST(x'c328' AS TEXT)", "not_utf8"),
        ("7, 9, NULL, 'yesterday', 1, 'x'", "bad_created_at"),
        ("7, 9, NULL, 9e999, 1, 'x'", "bad_created_at"),
        ("7, 9, x'00', 1456826400, 1, 'x'", "bad_parent"),
        ("7, 9, NULL, 1456826400, 1, NULL", "no_text"),
    ],
)
def test_a_row_of_another_type_is_refused_by_its_number(tmp_path: Path, row: str, reason: str) -> None:
    more = f"INSERT INTO comments (tid, id, parent, created, mode, text, voters) VALUES ({row}, x'00');"
    found = read(database(tmp_path / "comments.db", TABLES + more))
    assert [(bad.line, bad.reason) for bad in found[1]] == [(9, reason)]


def test_a_database_that_holds_more_than_it_is_long_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isso, "MOST_CHARACTERS_A_BYTE", 0)
    assert "more in it than it is long" in refusal(old_systems.isso(tmp_path))


@pytest.mark.parametrize("seed", range(15))
def test_a_damaged_database_is_a_sentence_or_rows(tmp_path: Path, seed: int) -> None:
    more = f"""
        INSERT INTO comments (tid, id, created, mode, text, voters)
        WITH RECURSIVE n(id) AS (SELECT 10 UNION ALL SELECT id + 1 FROM n WHERE id < 60)
            SELECT 7, id, 1456826400, 1, '{"x" * 500}', x'' FROM n;
    """
    path = database(tmp_path / "comments.db", TABLES + more)
    draw, content = random.Random(seed), bytearray(path.read_bytes())
    for _ in range(draw.choice((1, 20, 400))):
        content[draw.randrange(100, len(content))] = draw.randrange(256)
    path.write_bytes(content[: draw.choice((len(content), len(content) // 2))])
    told_of_each_row_or_refused(path, Reading(system="isso"))


# whatever else somebody sends


def told_of_each_row_or_refused(path: Path, reading: Reading) -> None:
    try:
        found = list(rows(path, reading))
    except BadFile as said:
        assert str(said).endswith(".")  # noqa: PT017
        return
    assert all(isinstance(row, Row | BadRow | OldBan) for row in found)


SNIPPETS = [
    "<",
    ">",
    "</post>",
    "<post>",
    "&amp;",
    "&#0;",
    "&#xD800;",
    "]]>",
    "<![CDATA[",
    '"',
    "{",
    "}",
    "\x00",
    "\ud800",
    "é",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("system", ["disqus", "wordpress", "remark42", "coral"])
def test_whatever_is_changed_in_an_export_nothing_breaks(
    tmp_path_factory: pytest.TempPathFactory, system: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    path = SYSTEMS[system](folder)
    changed = (
        path if path.is_file() else path / data.draw(st.sampled_from(["comments.json", "users.json", "stories.json"]))
    )
    content = changed.read_text()
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(content)))
        end = begin + data.draw(st.sampled_from([0, 0, 1, 5, 50]))
        content = content[:begin] + data.draw(st.sampled_from(SNIPPETS) | st.text(max_size=20)) + content[end:]
    changed.write_bytes(content.encode(errors="surrogatepass"))
    told_of_each_row_or_refused(path, Reading(system=system))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = {
    "remark42": ["id", "pid", "text", "user", "locator", "time", "title", "delete"],
    "coral": ["id", "authorID", "storyID", "parentID", "createdAt", "revisions", "status", "deletedAt"],
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("system", FIELDS)
def test_whatever_a_field_holds_each_line_is_a_row_or_refused(
    tmp_path_factory: pytest.TempPathFactory, system: str, data: st.DataObject
) -> None:
    path = SYSTEMS[system](tmp_path_factory.mktemp("fuzz"))
    lines = path if path.is_file() else path / "comments.json"
    known = json.loads(lines.read_text().splitlines()[-1])
    made = [
        known | data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS[system], JSON))) for _ in range(5)
    ]
    lines.write_text(lines.read_text() + "".join(json.dumps(each) + "\n" for each in made))
    found = [row for row in rows(path) if not isinstance(row, OldBan)]
    assert len(found) == 10


# what runs in a browser

ALLOWED = {"p", "br", "a", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li"}


class Shown(HTMLParser):
    """What of rendered text a browser would take for more than words."""

    def __init__(self) -> None:
        super().__init__()
        self.dangers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fine = {"href", "rel", "start"}
        self.dangers += [tag] if tag not in ALLOWED else []
        self.dangers += [f"{name}={value}" for name, value in attrs if name not in fine]
        targets = [value or "" for name, value in attrs if name == "href"]
        self.dangers += [each for each in targets if not each.startswith(("http://", "https://", "mailto:"))]


@pytest.mark.parametrize("html", [True, False])
def test_nothing_of_a_text_runs(tmp_path: Path, html: bool) -> None:
    path = tmp_path / "a.jsonl"
    base = {"author": "<script>", "story": "s", "created_at": "2016-03-01"}
    told = [base | {"id": str(n), "text": f"seen {script}", "title": script} for n, script in enumerate(VECTORS)]
    path.write_text("".join(json.dumps(each) + "\n" for each in told))
    good, bad = read(path, Reading(html=html))
    assert (len(good), bad) == (len(VECTORS), [])
    for row in good:
        shown = Shown()
        shown.feed(markup.render(row.text))
        assert shown.dangers == [], row.text
