"""comments:analyze at the rate of a large site for 20 seconds. `make test-long`; the benchmark says how fast."""

from pathlib import Path

import pytest

from benchmarks import analyze

pytestmark = pytest.mark.long


def test_50_comments_a_second_are_all_scored(data_dir: Path) -> None:
    wrong, _slow = analyze.main()
    assert wrong == []
