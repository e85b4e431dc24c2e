"""What races of billing share."""

from collections.abc import Iterator

import pytest

from app.db import Database
from config.policy import Policy
from config.settings import Settings
from tests.support.billing_proof import Proof, proof_on


@pytest.fixture
def proof(settings: Settings, policy: Policy, database: Database) -> Iterator[Proof]:
    with proof_on(settings, policy, database) as found:
        yield found
