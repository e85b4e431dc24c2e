"""Every command that README and docs print runs as it is printed, on the demo, in the order of the page.

What stands for the reader's own is put in its place first; what cannot run here is listed by name, with the reason.
"""

import contextlib
import csv
import fnmatch
import gzip
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import zip_longest
from pathlib import Path

import pytest
from jsonschema_rs import Draft202012Validator
from markupsafe import escape

from app.cli.main import main
from app.demo import gazette
from config.settings import Settings
from tests.support import old_systems, reference_commands
from tests.support.commands import btl
from tests.support.demo_newspaper import PreparedDemo, environment_of_demo
from tests.support.repository import REPOSITORY
from tests.support.stripe_world import eventually

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
DEMO, NEWSPAPER = "http://127.0.0.1:8000", "http://localhost:8001"

# what a reader puts their own for
STAND_INS = {
    "https://comments.example": DEMO,
    "you@paper.example": "reader@example.com",
    "EMAIL": "subscriber@example.com",
    "--site KEY": "--site gazette",
    "create NAME": "create coral",
    "policy check FILE": "policy check policy.toml",
    "score --file FILE": "score --file comments.txt",
    "import FILE": "import history.csv",
    "refused.csv FILE": "refused.csv history.csv",
    "link FILE": "link links.csv",
    "openapi_same OLD NEW": "openapi_same api.json api.json",
}

# what is said to whoever runs what holds the words
ANSWERS = {
    "fish-dock-vote/comments": '"title":"Council backs',
    '"text": "A point of view."': '"text":"A point of view."',
    "comments:analyze": '"summaryScore"',
    "ferry-in-may": '"title":"Ferry back by May"',
    "sections/courts": '"closes_after_days":7',
}

# of the page /api, what nobody can give here, and so the status that is answered
REFUSED = {
    "verify_account": (422, "its token is in a letter"),
    "use_reset": (422, "its token is in a letter"),
    "exchange_token": (422, "a newspaper's own site signs its token"),
    "acknowledge_warning": (404, "the warning's id is on the page of its reader"),
    "propose_termination": (409, "it is proposed already in the demo"),
    "disagree_with_comment": (409, "the demo's newspaper does not seek common ground"),
    "check_payment": (404, "Stripe's own fields make what it looks at"),
}

NOT_RUN = {
    "it has no end: the demo here is `btl demo --port`, and tests/house/test_serve.py and test_cli.py serve and work": [
        *("make demo", "make demo-reset", "btl demo*", "btl serve*", "btl worker*"),
    ],
    "it is what runs this test, or the like": [
        *("make test", "make test TESTS=*", "make test-long", "make check", "python -m pytest *"),
    ],
    "it installs, from a network": [
        "python3 -m venv *",
        "make detoxify",
        "make train",
        "make npm-clients",
        "btl scorer prepare *",
    ],
    "it needs what only those install": ["BTL_SCORER=detoxify btl doctor", "BTL_DATA=FOLDER btl train *"],
    "it measures, for minutes, or needs the data sets": ["make bench", "python -m benchmarks.*"],
    "it writes into the checkout": ["make messages"],
    "it is done to a machine of one's own": [
        *("useradd *", "install -d *", "git clone *", "set -a; *", "cp /opt/*", "systemctl daemon-reload *"),
        *("cd /var/lib/below-the-line", "/opt/below-the-line/btl init *", "$EDITOR /etc/*", "btl() *"),
        *("chgrp below-the-line *", "postmap *"),
    ],
    "it wants Docker": ["cd docs/deploy", "printf 'BTL_HOST=*", "$EDITOR below-the-line.env", "docker compose *"],
    "it is a part of a command, or its name": [
        "btl site add … --product*",
        "btl site add ... --product",
        "btl import",
        "btl export",
        "btl init",
        "btl scorer prepare",
        "btl billing why",
    ],
}


@dataclass(frozen=True)
class Demo:
    """A demo that runs, and a folder in which somebody types."""

    settings: Settings
    folder: Path
    # the settings as they are written in an environment
    given: dict[str, str]

    def types(self, commands: list[str]) -> "list[subprocess.CompletedProcess[str]]":
        """What becomes of them, one after the other; of a block that wants a shell, what becomes of the whole."""
        script = "\n".join(commands)
        for printed, ours in (
            STAND_INS | {DEMO: self.settings.public_url, NEWSPAPER: gazette.address(self.settings)}
        ).items():
            script = script.replace(printed, ours)
        if re.search(r"[|>$]|^(?!btl )", script, re.MULTILINE):
            return [self._in_a_shell(script)]
        with contextlib.chdir(self.folder):
            return [self._typed(line) for line in script.splitlines()]

    def _typed(self, line: str) -> "subprocess.CompletedProcess[str]":
        """What becomes of a command of ours; once more where the demo's worker is just at the same."""
        done: list[subprocess.CompletedProcess[str]] = []

        def is_done() -> bool:
            done.append(btl(self.settings, *shlex.split(line)[1:], **self.given))
            return "A worker is at it" not in done[-1].stderr

        eventually(is_done, seconds=60)
        return done[-1]

    def _in_a_shell(self, script: str) -> "subprocess.CompletedProcess[str]":
        """It ends with the first that fails."""
        shell = ["bash", "-euxo", "pipefail", "-c", script]
        surroundings = environment() | {"HOME": str(self.folder), "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}"}
        return subprocess.run(
            shell,
            cwd=self.folder,
            env=surroundings | self.given,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


@pytest.fixture(scope="module")
def demo(prepared: PreparedDemo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder, port = tmp_path_factory.mktemp("printed"), prepared.port
    lay_out(folder)
    with prepared.laid_out(folder), running(folder, port):
        given = environment_of_demo(folder, port)
        yield Demo(Settings.from_env(given), folder, given)


@contextlib.contextmanager
def running(folder: Path, port: int) -> Iterator[None]:
    """`btl demo --port` there, once it is ready, until the block ends."""
    command = [sys.executable, "-m", "app.cli.main", "demo", "--port", str(port)]
    process = subprocess.Popen(command, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        assert any("Ctrl-C stops it." in line for line in process.stdout)
        yield
    finally:
        process.terminate()
        process.communicate()


def environment() -> dict[str, str]:
    """Of this process, without settings of ours."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("BTL_", "STRIPE_"))}
    return ours | {"PYTHONPATH": str(REPOSITORY)}


def lay_out(folder: Path) -> None:
    """The files that the pages speak of, and how curl is to tell of a status."""
    (folder / ".curlrc").write_text('fail-with-body\nsilent\nshow-error\nwrite-out = "%{stderr}status %{http_code}\\n"')
    shutil.copy(REPOSITORY / "config" / "policy.toml", folder)
    (folder / "report").mkdir()
    shutil.copy(REPOSITORY / "config" / "policy.toml", folder / "report" / "proposal.toml")
    (folder / "api.json").write_text('{"paths": {}, "components": {"schemas": {}}}')
    (folder / "comments.txt").write_text("You idiot!\nThe ferry is late again.\n")
    write(folder / "export.csv", ["comment_id", "body"], ["7", "You idiot!"])
    (folder / "export.csv.gz").write_bytes(gzip.compress((folder / "export.csv").read_bytes()))
    fields = ["id", "author", "story", "parent", "created_at", "text"]
    write(folder / "history.csv", fields, ["1", "Ada", "old-story", "", "2020-01-01T10:00:00Z", "The ferry was late."])
    write(folder / "links.csv", ["customer", "account"])
    shutil.move(old_systems.disqus(folder), folder / "disqus.xml")
    shutil.move(old_systems.wordpress(folder), folder / "wordpress.xml")
    (folder / "backup-paper-20240101.gz").write_bytes(gzip.compress(old_systems.remark42(folder).read_bytes()))
    old_systems.coral(folder)
    old_systems.isso(folder)


def write(file: Path, *rows: list[str]) -> None:
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows(rows)


def test_every_printed_command_runs(demo: Demo) -> None:
    typed, failed = set[str](), list[str]()
    for block in printed():
        commands = [command for command in dict.fromkeys(block) if reason(command) is None and command not in typed]
        typed.update(command for command in commands if command.startswith("btl "))
        done = demo.types(commands) if commands else []
        said = "".join(each.stdout for each in done)
        wrong = [each for each in done if each.returncode or re.search(r"^status [^2]", each.stderr, re.MULTILINE)]
        failed += [f"{each.args}: {each.returncode}\n{each.stdout[-2000:]}\n{each.stderr[-2000:]}" for each in wrong]
        asked = [answer for words, answer in ANSWERS.items() if words in "\n".join(commands)]
        failed += [f"{commands}: not answered {answer}" for answer in asked if answer not in said]
    assert not failed, "\n\n".join(failed)


def test_every_command_of_the_api_page_runs_and_is_answered_as_its_document_says(demo: Demo, tmp_path: Path) -> None:
    address = demo.settings.public_url
    document = reference_commands.document_of(address)
    with urllib.request.urlopen(f"{address}/api") as answer:
        page = answer.read().decode()
    about_all = page.partition('id="begin"')[2].partition("<pre")[0]
    assert all(f'href="#{name}"' in about_all for name, (status, _why) in REFUSED.items() if status == 409)
    wrong = []
    for answered in reference_commands.typed(document, address, tmp_path):
        assert str(escape(answered.operation.command)) in page
        refused, schema = REFUSED.get(answered.name), answered.schema(document)
        if (answered.status != refused[0]) if refused else (answered.status not in range(200, 300)):
            wrong.append(f"{answered.name}: {answered.status} {answered.body[:500]!r}")
        elif schema and not refused:
            found = Draft202012Validator(schema).iter_errors(json.loads(answered.body))
            wrong += [f"{answered.name}: {error.message}" for error in found]
    assert wrong == []


def test_what_is_listed_here_is_printed() -> None:
    commands = [command for block in printed() for command in block]
    for pattern in (pattern for patterns in NOT_RUN.values() for pattern in patterns):
        assert [command for command in commands if fnmatch.fnmatchcase(command, pattern)], pattern
    for words in [*STAND_INS, *ANSWERS]:
        assert [command for command in commands if words in command], words


def test_what_is_not_run_is_there() -> None:
    for command in (command for block in printed() for command in block if reason(command)):
        words = command.split()
        targets = re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
        assert words[0] != "make" or words[1] in targets, command
        assert words[:2] != ["python", "-m"] or find_spec(words[2]), command
        assert all((REPOSITORY / word).exists() for word in words if word.endswith(".py")), command
        if "btl" in words:
            asked = [word for word in words[words.index("btl") + 1 :] if word not in ("…", "...", "--product")]
            main.main([*asked, "--help"], standalone_mode=False)


def reason(command: str) -> str | None:
    """Why it is not run, if it is not."""
    listed = ((why, pattern) for why, patterns in NOT_RUN.items() for pattern in patterns)
    return next((why for why, pattern in listed if fnmatch.fnmatchcase(command, pattern)), None)


def printed() -> Iterator[list[str]]:
    """The commands of each block for a shell, and of each line that names some, from page to page."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"^ {4,}(btl|python|make|curl) ", text, re.MULTILINE), f"{page}: a block without a fence"
        said, languages, blocks = (re.split(r"^```(\w*)$", text, flags=re.MULTILINE)[place::4] for place in range(3))
        for prose, language, block in zip_longest(said, languages, blocks):
            yield re.findall(r"`((?:btl|python -m|make) [^`]+)`", prose)
            if language in ("", "sh"):
                yield commands_of(block)


def commands_of(block: str) -> list[str]:
    """Its commands, each in one piece, without what is said of it."""
    joined = re.sub(r"\\\n\s*|(?<=\|)\n\s*", " ", block)
    lines = (re.sub(r"(^|\s+)#\s.*$", "", line).replace(".venv/bin/", "") for line in joined.splitlines())
    return [line for line in lines if line]
