"""`btl score`, as an operator types it; in a process of its own where the process, its pipes or its memory matter."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from app.toxicity import ATTRIBUTES
from tests.support.commands import invoke
from tests.support.repository import REPOSITORY

BTL = [sys.executable, "-m", "app.cli.main", "score"]
RUDE, KIND = "You idiot!", "Good morning."


def score(*arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    done = invoke("score", *arguments, stdin=stdin)
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout_bytes, done.stderr_bytes)


def score_in_a_process(*arguments: bytes, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    command = [*map(os.fsencode, BTL), *arguments]
    return subprocess.run(command, cwd=REPOSITORY, input=stdin, capture_output=True, timeout=60, check=False)


def objects(done: "subprocess.CompletedProcess[bytes]") -> list[dict[str, object]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_text_has_the_same_scores_wherever_it_comes_from(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text(f"{KIND}\r\n{RUDE}")
    kind, rude = objects(score(KIND, RUDE))
    assert [kind, rude] == objects(score("--file", str(file))) == objects(score_in_a_process(stdin=file.read_bytes()))
    assert (kind["id"], rude["id"], rude["text"]) == ("1", "2", RUDE)
    assert float(str(kind["toxicity"])) < 0.5 < float(str(rude["toxicity"]))


def test_csv_and_json_lines_say_the_same(tmp_path: Path) -> None:
    texts = [KIND, 'with "quotes", commas\tand é', RUDE]
    done = score_in_a_process(*map(str.encode, texts), b"--format", b"csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert [{name: str(value) for name, value in row.items()} for row in objects(score(*texts))] == rows
    assert list(rows[0]) == ["id", "text", *ATTRIBUTES]


def test_a_column_of_a_csv_is_scored_and_its_ids_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "comments.csv"
    file.write_bytes(  # with a mark in front, as Excel has it
        b'\xef\xbb\xbfid,key,body\r\n7,a,Good morning.\r\nx-8,b,"You\nidiot!"\r\n\r\n9,c,\r\n'
    )
    ours = objects(score("--file", str(file), "--column", "body"))
    assert [(row["id"], row["text"]) for row in ours] == [("7", KIND), ("x-8", "You\nidiot!"), ("9", "")]
    assert [row["id"] for row in objects(score("--file", str(file), "--column", "body", "--id", "key"))] == [*"abc"]
    without = b"body\nGood morning.\nYou idiot!\n"
    assert [row["id"] for row in objects(score("--column", "body", stdin=without))] == ["1", "2"]


def test_several_files_are_one_input(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"{name}\n")
    done = score("--file", str(tmp_path / "a"), "--file", str(tmp_path / "b"))
    assert [row["text"] for row in objects(done)] == ["a", "b"]
    assert b"2 texts, 100%" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "words"),
    [
        ((), b"fine\nbad \xff\n", 2, "standard input, line 2: not UTF-8 (byte 5 is 0xff)"),
        (("--column", "body"), b"body\nfine\n\xe4\n", 2, "standard input, line 3: not UTF-8 (byte 1 is 0xe4)"),
        (("--column", "body"), b"id,body\n1\n", 2, "standard input, line 2: a row of 1 columns, and the header has 2"),
        (("--column", "body"), b'body\n"open', 2, "standard input, line 2: not CSV"),
        (("--column", "text"), b"id,body\n1,2\n", 2, "there is no column 'text'; there are: id, body"),
        (("--column", "text"), b"", 2, "there is no column 'text'; there are: none"),
        (("--column", "body", "--id", "key"), b"id,body\n1,2\n", 2, "there is no column 'key'"),
        (("--id", "key"), b"", 2, "--column"),
        (("--file", "/nowhere/at/all"), b"", 2, "/nowhere/at/all"),
        (("--scorer", "oracle"), b"", 2, "no scorer is called 'oracle'"),
        (("--format", "xml"), b"", 2, "'xml' is not one of"),
        (("a text", "--column", "body"), b"", 2, "either as arguments or in files"),
    ],
)
def test_bad_input_is_named(arguments: tuple[str, ...], stdin: bytes, code: int, words: str) -> None:
    done = score(*arguments, stdin=stdin)
    assert (done.returncode, words in done.stderr.decode(), b"Traceback" in done.stderr) == (code, True, False), done


def test_an_argument_that_is_not_utf_8_is_named() -> None:
    done = score_in_a_process(b"ok", b"\xff")
    assert (done.returncode, done.stdout, b"not in UTF-8" in done.stderr) == (2, b"", True)


def test_what_came_before_a_bad_line_is_written() -> None:
    done = score(stdin=b"fine\n" * 600 + b"\xff\n")
    assert done.returncode == 2
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [str(n) for n in range(1, 601)]


def test_an_interrupted_pipe_ends_quietly(tmp_path: Path) -> None:
    file = tmp_path / "many.txt"
    file.write_text(f"{RUDE}\n" * 20_000)
    process = subprocess.Popen(
        [*BTL, "--file", str(file)], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["text"] == RUDE
    process.stdout.close()
    assert (process.wait(timeout=60), process.stderr.read()) == (141, b"")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    measure = (
        "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, code)"
    )

    def most(rows: int) -> int:
        file = tmp_path / f"{rows}.csv"
        file.write_text("id,body\n" + "".join(f"{n},remark {n} about the harbour\n" for n in range(rows)))
        command = [sys.executable, "-c", measure, *BTL, "--file", str(file), "--column", "body", "--format", "csv"]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True)
        size, code = done.stdout.split()
        assert code == "0"
        return int(size)

    assert most(30_000) < most(1_000) + 20_000  # kilobytes


def test_a_terminal_sees_how_far_it_is(tmp_path: Path) -> None:
    file = tmp_path / "many.txt"
    file.write_text(f"{KIND}\n" * 5_000)
    ours, theirs = pty.openpty()
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen([*BTL, "--file", str(file)], cwd=REPOSITORY, stdout=out, stderr=theirs)
        os.close(theirs)
        said = b""
        try:
            while some := os.read(ours, 4096):
                said += some
        except OSError:  # the other end is closed
            pass
    assert process.wait(timeout=60) == 0
    assert said.count(b"\r") >= 2
    assert said.rstrip().rsplit(b"\r", 1)[1].startswith(b"5,000 texts, 100%")
