"""What a benchmark has to complain about."""

from collections.abc import Mapping


def true_of(complaints: Mapping[str, bool]) -> list[str]:
    """Those of the sentences that are true."""
    return [complaint for complaint, holds in complaints.items() if holds]
