"""The families of signals: each signal is one family's, and what is said of it is said in words."""

from collections import Counter

from app.signals import families
from app.signals.family import HELD_BY_MACHINE


def test_no_signal_is_in_two_families() -> None:
    names = Counter(name for family in families.FAMILIES for name in family.names)
    assert [name for name, number in names.items() if number > 1] == []


def test_a_code_means_one_reason() -> None:
    reasons = {family.waiting for family in families.FAMILIES} | {families.SEVERE}
    assert len({reason.code for reason in reasons}) == len(reasons)
    assert all(families.with_code(reason.code) == reason for reason in reasons)


def test_what_readers_report_is_not_the_machines_reason() -> None:
    assert families.with_code("report") is None
    assert families.found(["report", "unscored", "premoderated"]) is None
    assert families.found(["report", "hold"]) == "Our software pointed to it."


def test_a_signal_of_a_family_that_is_gone_speaks_for_itself() -> None:
    assert families.called("weather") == "weather"
    assert families.waiting("held", ["weather"], "hold") == HELD_BY_MACHINE
    assert families.waiting("held", [], None) == HELD_BY_MACHINE


def test_the_strongest_signal_says_why_a_comment_waits_unless_it_is_withheld() -> None:
    assert families.waiting("held", ["premoderated", "score.insult"], "hold").code == "premoderated"
    assert families.waiting("held", ["score.insult", "premoderated"], "hold").code == "hold"
    assert families.waiting("withheld", ["score.threat", "premoderated"], "withhold").code == "severe"
