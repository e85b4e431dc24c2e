"""What tests of the house share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.demo_newspaper import DemoNewspaper, PreparedDemo, prepared_demo


@pytest.fixture(scope="session")
def prepared() -> Iterator[PreparedDemo]:
    """The demo with all its history, ready to be started; the folder for temporary files is that of the run."""
    with prepared_demo(Path(tempfile.gettempdir(), "demo")) as found:
        yield found


@pytest.fixture(scope="session")
def demo_newspaper(prepared: PreparedDemo) -> DemoNewspaper:
    """Its newspaper, for tests that only look; who changes something takes a copy."""
    return prepared.newspaper
