"""What tests of the house share."""

from collections.abc import Iterator

import pytest

from tests.support.databases import SQLITE, Databases
from tests.support.demo_newspaper import DemoNewspaper, assembled_on


@pytest.fixture(scope="session")
def demo_newspaper(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoNewspaper]:
    """The demo's newspaper with all its history, for tests that only look; who changes something takes a copy."""
    with databases.empty(SQLITE) as database:
        found = assembled_on(database, tmp_path_factory.mktemp("demo"))
        found.seed([])
        yield found
