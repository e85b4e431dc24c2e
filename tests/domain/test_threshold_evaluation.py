"""The evaluation of thresholds as a whole: data, words and plots."""

import xml.etree.ElementTree as ET
from datetime import timedelta
from pathlib import Path

import pytest

from app import clock
from app.db import Database
from app.models.comment import HELD
from app.stories import sites
from app.thresholds import evaluation, plots, text
from app.thresholds.evaluation import IN_FORCE, PROPOSED, WHAT_IF, Scope, ThresholdEvaluation
from config.policy import HouseRules
from config.rules import Threshold
from tests.support.decided import OLD, Newspaper
from tests.support.scorers import Marked


@pytest.fixture
def newspaper(database: Database) -> Newspaper:
    """Twenty days of comments: what scores 0.9 is removed, what scores 0.6 is removed nine times of ten."""
    made = Newspaper(database)
    began = clock.now() - timedelta(days=20)
    for n in range(30):
        made.remove(made.comment(0.9, state=HELD, at=began), "hate" if n == 0 else "respect")
        made.remove(made.comment(0.6, at=began))
    for n in range(40):
        made.approve(made.comment(0.6 if n < 5 else 0.1, at=began))
    made.comment(0.95, state=HELD)
    for _ in range(5):
        made.comment(0.2)
    made.comment(0.3, scorer=OLD)
    return made


def make(newspaper: Newspaper, house: HouseRules, asked: dict[str, Threshold] | None = None) -> ThresholdEvaluation:
    until = clock.now()
    site = sites.by_key(newspaper.database, newspaper.site.key)
    since = until - timedelta(days=30)
    scope = Scope(site, since, until, Marked(), rescore=False, suggested=True)
    return evaluation.evaluate(newspaper.database, scope, house.at({}).thresholds, asked)


def test_an_evaluation_counts_measures_proposes_and_tries(newspaper: Newspaper, house: HouseRules) -> None:
    asked = {**house.at({}).thresholds, "toxicity": Threshold(nudge=0.1, hold=0.2, severe=2.0)}
    found = make(newspaper, house, asked)
    assert (found.texts.removed, found.texts.approved, found.texts.waiting, found.texts.unreviewed) == (60, 40, 1, 5)
    assert found.left_out == {"scored by another scorer": 1}
    assert found.removed_by_rule == {"respect": 59, "hate": 1}
    assert found.days == pytest.approx(20, abs=0.01)
    assert found.comments_per_day == pytest.approx(106 / 20, rel=0.01)
    assert found.decisions_per_day == pytest.approx(100 / 20, rel=0.01)
    assert found.proposal.thresholds["toxicity"] == Threshold(nudge=0.55, hold=0.6, severe=2.0)
    held = {name: (each.held, each.held_removed, each.held_approved) for name, each in found.effects.items()}
    assert held == {IN_FORCE: (31, 30, 0), PROPOSED: (66, 60, 5), WHAT_IF: (71, 60, 5)}
    missed = {name: each.posted_removed for name, each in found.effects.items()}
    assert missed == {IN_FORCE: 30, PROPOSED: 0, WHAT_IF: 0}


def test_the_words_say_what_the_figures_are(newspaper: Newspaper, house: HouseRules) -> None:
    said = "\n".join(text.lines(make(newspaper, house)))
    for words in (
        "60 removed and 40 approved by moderators",
        "1 waiting, 5 published and never reviewed",
        "left out    1: scored by another scorer",
        "respect 59, hate 1",
        "0.60       60         5           0   92% (83% to 97%)     100%         3.3 proposed",
        "0.85       30         0           0  100% (89% to 100%)     50%         1.5 in force",
        "Only what was held, reported or pre-moderated has a decision.",
        "hold = 0.6\n",
    ):
        assert words in said, said
    assert max(map(len, said.splitlines())) <= 120


def test_a_newspaper_without_comments_has_an_evaluation_too(database: Database, house: HouseRules) -> None:
    found = make(Newspaper(database), house)
    assert found.texts.removed == found.comments_per_day == found.effects[IN_FORCE].held == 0
    assert found.proposal.refusal
    assert "No proposal: 0 removed and 0 approved" in "\n".join(text.lines(found))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_plots_are_drawn_twice_the_same(newspaper: Newspaper, house: HouseRules, tmp_path: Path) -> None:
    found = make(newspaper, house)
    files = plots.draw(found, tmp_path)
    assert {path.name for path in files} == {
        f"{name}.{kind}" for name in ("precision", "calibration", "workload") for kind in ("png", "svg")
    }
    first = {path: path.read_bytes() for path in files}
    for path, content in first.items():
        if path.suffix == ".png":
            assert content.startswith(b"\x89PNG")
        else:
            words = " ".join(ET.fromstring(content).itertext())
            assert "identity_attack" in words
            assert newspaper.site.key in words
    plots.draw(found, tmp_path)
    assert {path: path.read_bytes() for path in files} == first
