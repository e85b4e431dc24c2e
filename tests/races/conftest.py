"""What races of billing share."""

from collections.abc import Iterator

import pytest

from app.db import Database
from config.policy import HouseRules
from config.settings import Settings
from tests.support.billing_proof import Proof, proof_on


@pytest.fixture
def proof(settings: Settings, house: HouseRules, database: Database) -> Iterator[Proof]:
    with proof_on(settings, house, database) as found:
        yield found
