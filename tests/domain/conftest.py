"""What tests of moderation share."""

from collections.abc import Iterator

import pytest

from app.db import Database
from config.policy import HouseRules
from config.settings import Settings
from tests.support import moderating
from tests.support.moderating import Desk


@pytest.fixture
def desk(database: Database, settings: Settings, house: HouseRules) -> Iterator[Desk]:
    """A moderator at work inside one transaction, which is rolled back."""
    with database.transaction() as session:
        yield moderating.open_desk(session, settings, house)
        session.rollback()
