"""Stripe's events at the rate of a busy day for a minute, with every bar that we set ourselves. `make test-long`."""

import pytest

from benchmarks import webhooks

pytestmark = pytest.mark.long


def test_12000_events_in_a_minute_are_answered_coalesced_and_right_in_the_end() -> None:
    assert webhooks.main() == []
