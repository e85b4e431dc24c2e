"""What tests of the house share."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.support.demo_newspaper import DemoNewspaper, PreparedDemo, prepared_demo
from tests.support.repository import REPOSITORY


@pytest.fixture(scope="session")
def prepared() -> Iterator[PreparedDemo]:
    """The demo with all its history, ready to be started; the folder for temporary files is that of the run."""
    with prepared_demo(Path(tempfile.gettempdir(), "demo")) as found:
        yield found


@pytest.fixture(scope="session")
def demo_newspaper(prepared: PreparedDemo) -> DemoNewspaper:
    """Its newspaper, for tests that only look; who changes something takes a copy."""
    return prepared.newspaper


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """All messages, extracted as `make messages` does."""
    path = tmp_path_factory.mktemp("catalogue") / "messages.pot"
    extract = ["extract", "-F", "pyproject.toml", "-k", "mark", "-k", "form:1,2", "-o", str(path), "app"]
    command = [sys.executable, "-m", "babel.messages.frontend", *extract]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    with path.open("rb") as file:
        return read_po(file)
