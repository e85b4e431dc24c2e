"""Stripe's events at the rate of a busy day for a minute. `make test-long`; the benchmark says how fast."""

import pytest

from benchmarks import webhooks

pytestmark = pytest.mark.long


def test_12000_events_in_a_minute_are_answered_coalesced_and_right_in_the_end() -> None:
    wrong, _slow = webhooks.main()
    assert wrong == []
