"""What tests of moderation share, and what those of imports do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import Database
from app.models import Site
from config.policy import HouseRules
from config.settings import Settings
from tests.support import exports, factories, moderating
from tests.support.exports import Bring, Reader
from tests.support.moderating import Desk


@pytest.fixture
def desk(database: Database, settings: Settings, house: HouseRules) -> Iterator[Desk]:
    """A moderator at work inside one transaction, which is rolled back."""
    with database.transaction() as session:
        yield moderating.open_desk(session, settings, house)
        session.rollback()


@pytest.fixture
def site(database: Database) -> Site:
    """Where histories are brought in."""
    with database.transaction() as session:
        return factories.site(session, "paper")


@pytest.fixture
def bring(database: Database, house: HouseRules, settings: Settings, site: Site, tmp_path: Path) -> Bring:
    """Brings what a file is to contain into `site`."""
    return exports.bringing(database, house, settings, tmp_path)


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Reads what a file is to contain."""
    return exports.reading(tmp_path)
