"""While those who may not write, and a key, send slow texts at full speed, readers and other keys are scored."""

import pytest

from benchmarks import hostile

# a machine that runs the other tests meanwhile is no measure of what is within a deadline; the long one keeps to it
PATIENT_MS = "5000"


def test_nobody_who_may_write_goes_unscored_while_others_attack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BTL_SCORER_DEADLINE_MS", PATIENT_MS)
    assert hostile.main(seconds=4, backends=(hostile.SQLITE,)) == []


@pytest.mark.long
def test_nobody_who_may_write_goes_unscored_in_a_minute_of_attack_on_either_database() -> None:
    assert hostile.main() == []
