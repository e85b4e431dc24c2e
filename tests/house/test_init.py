"""`btl init`: a settings file that is good as it stands once its operator has filled in what only they know."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.main import main
from app.db import Database
from tests.support.paper import Paper
from tests.support.processes import free_port
from tests.support.repository import REPOSITORY
from tests.support.stoppable import running

SECRETS = ("BTL_SECRET_KEY", "BTL_DIGEST_KEY", "BTL_METRICS_TOKEN")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In which the operator is."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def init(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["init", *words], prog_name="btl", catch_exceptions=False)
    return done.exit_code, done.output


def written(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if line and not line.startswith("#"))


def test_the_file_has_fresh_secrets_and_is_its_owner_s_alone(folder: Path) -> None:
    before = os.umask(0)
    try:
        assert (init()[0], init("--sqlite", "other.env")[0]) == (0, 0)
    finally:
        os.umask(before)
    one, other = written(folder / "settings.env"), written(folder / "other.env")
    secrets = [each[name] for each in (one, other) for name in SECRETS]
    assert len(set(secrets)) == 2 * len(SECRETS)
    assert min(map(len, secrets)) >= 32
    assert one["BTL_DATABASE_URL"] == f"sqlite:///{folder}/var/btl.db"
    assert stat.S_IMODE((folder / "settings.env").stat().st_mode) == 0o600


def test_it_names_in_words_and_in_the_file_what_is_left(folder: Path) -> None:
    _, said = init()
    left = {name for name, value in written(folder / "settings.env").items() if not value}
    assert left == set(re.findall(r"^  ([A-Z_]+) ", said, re.MULTILINE))
    assert {"BTL_PUBLIC_URL", "BTL_SMTP_URL", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRETS"} <= left
    assert "btl db upgrade" in said


@pytest.mark.parametrize("there", ["file", "folder", "link"])
def test_nothing_is_written_over(folder: Path, there: str) -> None:
    precious, file = folder / "precious", folder / "settings.env"
    precious.write_text("BTL_DIGEST_KEY=the only copy")
    if there == "file":
        precious.rename(file)
    elif there == "folder":
        file.mkdir()
    else:
        file.symlink_to(folder / "nowhere")
    status, said = init()
    assert (status, "is there already" in said) == (2, True)
    assert any(each.read_text() == "BTL_DIGEST_KEY=the only copy" for each in folder.iterdir() if each.is_file())


@pytest.mark.parametrize(
    "words",
    [
        ("--postgresql", "mysql://host/name"),
        ("--postgresql", "nonsense"),
        ("--postgresql", "postgresql://a'b@host/name"),
        ("--postgresql", "postgresql://host/name\nBTL_READ_ONLY=yes"),
        ("--sqlite", "--postgresql", "postgresql://host/name"),
        ("nowhere/settings.env",),
    ],
    ids=str,
)
def test_a_mistake_is_one_line_and_nothing_is_written(folder: Path, words: tuple[str, ...]) -> None:
    status, said = init(*words)
    assert status == 2
    assert len([line for line in said.splitlines() if line.startswith("Error: ")]) == 1
    assert list(folder.iterdir()) == []


def shell(file: str, command: str) -> "subprocess.CompletedProcess[str]":
    """What a command of ours says to an operator who has read the file into their shell as docs/deploy has it."""
    return subprocess.run(
        ["sh", "-c", f"set -a; . {file}; set +a; exec {sys.executable} -m app.cli.main {command}"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_before_it_is_filled_in_every_command_names_what_is_missing() -> None:
    init()
    done = shell("./settings.env", "db upgrade")
    assert (done.returncode, "STRIPE_API_KEY" in done.stderr) == (2, True)


def test_filled_in_it_is_an_installation_with_which_nothing_is_wrong(
    folder: Path, paper: Paper, database: Database
) -> None:
    # what a shell would take for something else
    odd = f"{database.url}&application_name=a$HOME%20b&sslmode=disable"
    assert init(*(() if database.is_sqlite else ("--postgresql", odd)))[0] == 0
    port = free_port()
    known = {
        "BTL_PUBLIC_URL": "https://comments.example",
        "BTL_MAIL_FROM": "'\"Comments, The Paper\" <comments@paper.example>'",
        "BTL_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "STRIPE_MODE": "test",
        "STRIPE_API_KEY": "sk_test_write",
        "STRIPE_READ_KEY": "rk_test_read",
        "STRIPE_WEBHOOK_SECRETS": "whsec_1",
        "STRIPE_PRICE": "price_1",
    }
    file = folder / "settings.env"
    text = file.read_text()
    for name, value in known.items():
        text = text.replace(f"\n{name}=\n", f"\n{name}={value}\n")
    assert not [line for line in text.splitlines() if line.endswith("=")]
    file.write_text(f"{text}STRIPE_API_BASE={paper.settings.stripe_api_base}\n")
    server = REPOSITORY / "tests/support/mail_server.py"
    with running([sys.executable, str(server), str(port), str(folder / "noted")]):
        upgraded = shell("./settings.env", "db upgrade")
        assert upgraded.returncode == 0, upgraded.stderr
        said = shell("./settings.env", "doctor").stdout
    # no worker has run yet
    bad = [line for line in said.splitlines() if not line.startswith("  good")]
    assert [line.partition(":")[0] for line in bad] == ["  BAD   events"], said
