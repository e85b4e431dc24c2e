"""What tests of the house share."""

from collections.abc import Iterator

import pytest

from tests.support.demo_newspaper import DemoNewspaper, PreparedDemo, prepared_demo


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PreparedDemo]:
    """The demo with all its history, ready to be started."""
    with prepared_demo(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest.fixture(scope="session")
def demo_newspaper(prepared: PreparedDemo) -> DemoNewspaper:
    """Its newspaper, for tests that only look; who changes something takes a copy."""
    return prepared.newspaper
