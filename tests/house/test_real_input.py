"""Real comments from news sites, all of them imported and 2,000 posted live. Minutes each: `make test-long`."""

from pathlib import Path

import pytest

from benchmarks import importing, posting_live

pytestmark = pytest.mark.long


def test_a_history_of_real_comments_comes_in_whole_and_across_kills(data_dir: Path) -> None:
    assert importing.main() == []


def test_every_answer_to_2000_real_comments_agrees_with_the_state(data_dir: Path) -> None:
    assert posting_live.main() == []
