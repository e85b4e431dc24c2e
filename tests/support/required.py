"""What a machine may lack. BTL_REQUIRE=postgres,chromium,valkey,detoxify turns skipping for want of it into failing."""

import os
from typing import NoReturn

import pytest

REQUIRED = {name for name in os.environ.get("BTL_REQUIRE", "").split(",") if name}


def skip(what: str, why: str) -> NoReturn:
    """Skip for want of `what`, unless the run requires it."""
    if what in REQUIRED:
        pytest.fail(f"{what} is required and missing: {why}")
    pytest.skip(f"{what}: {why}")
