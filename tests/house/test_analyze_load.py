"""comments:analyze at the rate of a large site for 20 seconds, within the time that we promise. `make test-long`."""

from pathlib import Path

import pytest

from benchmarks import analyze

pytestmark = pytest.mark.long


def test_50_comments_a_second_are_scored_within_100_ms(data_dir: Path) -> None:
    assert analyze.main() == []
