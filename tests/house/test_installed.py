"""What is installed is the whole program and nothing else, and it runs in an empty folder and keeps its files there."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.toxicity.normaliser import FOLDER
from tests.support.repository import REPOSITORY

# what lies in a checkout and is no source
NO_SOURCE = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "shared", "var")
# the program by which a server finds the application; then house rules, templates, styles and the demo's newspaper
OPENS = """
import wsgi
from app.demo import newspaper
client = wsgi.app.test_client()
for path in ("/rules", "/static/house.css", "/simulator/_sim"):
    assert client.get(path).status_code == 200, path
newspaper.load()
print(wsgi.__file__)
"""


@dataclass(frozen=True)
class Installed:
    """The program in `place`, and `folder`, empty at first, in which somebody runs it."""

    place: Path
    folder: Path

    def run(self, *command: str) -> str:
        """What the command says; it must succeed."""
        settings = {"BTL_ENVIRONMENT": "demo", "PYTHONPATH": str(self.place), "PYTHONDONTWRITEBYTECODE": "1"}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BTL_", "STRIPE_"))}
        run = [sys.executable, "-P", *command]
        done = subprocess.run(
            run, env=inherited | settings, cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def btl(self, *words: str) -> str:
        return self.run(str(self.place / "bin" / "btl"), *words)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the checkout, whose build folder would otherwise bring back files that have gone."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(REPOSITORY, folder / "checkout", ignore=NO_SOURCE)
    pip("wheel", "--no-build-isolation", "--wheel-dir", str(folder), str(folder / "checkout"))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    place = tmp_path_factory.mktemp("installed")
    pip("install", "--no-compile", "--target", str(place), str(wheel))
    return Installed(place, tmp_path_factory.mktemp("empty"))


def pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *words, "--no-deps", "--no-index"]
    subprocess.run(command, check=True)


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_wheel_is_the_whole_program_and_nothing_else(wheel: Path) -> None:
    written = {"wsgi.py"} | {
        path.relative_to(REPOSITORY).as_posix()
        for folder in ("app", "config", "migrations")
        for path in (REPOSITORY / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    packed = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in packed if ".dist-info/" not in name} == written


def test_the_licences_of_the_weights_come_with_them(wheel: Path) -> None:
    packed = zipfile.ZipFile(wheel)
    (notice,) = (name for name in packed.namelist() if name.endswith("licenses/NOTICE"))
    named = set(re.findall(r"[\w.-]+\.(?:npz|onnx|json|txt)", packed.read(notice).decode()))
    for weights in files(FOLDER) - {"MODEL_CARD.md"}:
        assert weights in named, f"{weights} is not in NOTICE"
    for licence in files(REPOSITORY / "licenses"):
        assert licence in named
        assert any(name.endswith(f"licenses/{licence}") for name in packed.namelist())


def test_it_runs_in_an_empty_folder_and_keeps_its_files_there(installed: Installed) -> None:
    program = files(installed.place)
    assert "Below the Line" in installed.btl("--help")
    installed.btl("db", "upgrade")
    assert "BAD" not in installed.btl("doctor")
    assert f"{installed.place}/wsgi.py" in installed.run("-c", OPENS)
    assert files(installed.place) == program
    assert {path.name for path in installed.folder.iterdir()} == {"var"}
