"""The machine's verdict, as a table whose rows carry the rule in words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.signals.family import OUTCOMES
from app.signals.toxicity_scores import margin
from app.signals.unscored import UNKNOWN_PROBABILITY
from app.signals.verdict import Verdict, decide
from config import policy as policies
from config.policy import HouseRules
from config.rules import ATTRIBUTES
from tests.support.repository import REPOSITORY

# figures of the table's own: those of the house follow its scorer
THRESHOLDS = {
    "toxicity": {"nudge": 0.5, "hold": 0.8, "severe": 2.0},
    "severe_toxicity": {"nudge": 0.2, "hold": 0.35, "severe": 0.7},
    "obscene": {"nudge": 0.6, "hold": 0.85, "severe": 2.0},
    "threat": {"nudge": 0.2, "hold": 0.35, "severe": 0.8},
    "insult": {"nudge": 0.5, "hold": 0.75, "severe": 2.0},
    "identity_attack": {"nudge": 0.25, "hold": 0.4, "severe": 0.85},
}
RULES = policies.load(REPOSITORY / "config" / "policy.toml").at({"thresholds": THRESHOLDS})
CLEAN = {f"score.{attribute}": 0.01 for attribute in ATTRIBUTES}

TABLE = [
    ("a clean comment is published", {}, "publish", (), None),
    ("a score just under its nudge publishes", {"score.insult": 0.499}, "publish", (), None),
    ("a score at its nudge asks the author to think again", {"score.insult": 0.5}, "nudge", ("insult",), "respect"),
    ("a score at its hold waits for a moderator", {"score.insult": 0.75}, "hold", ("insult",), "respect"),
    ("a threshold above 1 is never reached", {"score.insult": 1.0}, "hold", ("insult",), "respect"),
    ("a score at its severe is withheld", {"score.threat": 0.8}, "withhold", ("threat",), "threat"),
    ("hatred names the rule against it", {"score.identity_attack": 0.9}, "withhold", ("identity_attack",), "hate"),
    (
        "the gravest outcome decides, not the highest score",
        {"score.toxicity": 0.99, "score.threat": 0.81},
        "withhold",
        ("threat", "toxicity"),
        "threat",
    ),
    (
        "of two equal outcomes the likelier comes first",
        {"score.insult": 0.80, "score.toxicity": 0.90},
        "hold",
        ("toxicity", "insult"),
        "respect",
    ),
    ("a pre-moderated story holds what is clean", {"premoderated": True}, "hold", ("premoderated",), None),
    (
        "a pre-moderated story does not soften what is severe",
        {"premoderated": True, "score.threat": 0.9},
        "withhold",
        ("threat", "premoderated"),
        "threat",
    ),
    ("no score is not a good score", {"unscored": "deadline"}, "hold", ("unscored",), None),
    ("one missing score is enough to wait", {"score.obscene": None}, "hold", ("unscored",), None),
    ("what is not a number is missing", {"score.obscene": float("nan")}, "hold", ("unscored",), None),
    (
        "what the scorer does not read is never withheld for its scores",
        {"language": "de", "unread": "de", "score.threat": 0.99},
        "hold",
        ("threat",),
        "threat",
    ),
    (
        "one foreign sentence is enough for that",
        {"language": "en de", "unread": "de", "score.threat": 0.99},
        "hold",
        ("threat",),
        "threat",
    ),
    ("the shipped rules publish it otherwise", {"language": "gd", "unread": "gd"}, "publish", (), None),
    (
        "a language that the scorer reads changes nothing",
        {"language": "en", "score.threat": 0.8},
        "withhold",
        ("threat",),
        "threat",
    ),
    ("history cannot be asked to think again", {"origin": "import", "score.insult": 0.6}, "publish", (), None),
    ("history can be held", {"origin": "import", "score.insult": 0.8}, "hold", ("insult",), "respect"),
    ("history can be withheld", {"origin": "import", "score.threat": 0.8}, "withhold", ("threat",), "threat"),
]


@pytest.mark.parametrize(
    ("signals", "outcome", "reasons", "rule"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_the_verdict_is_the_one_of_the_table(
    signals: dict[str, Any], outcome: str, reasons: tuple[str, ...], rule: str | None
) -> None:
    verdict = decide(CLEAN | signals, RULES)
    assert (verdict.outcome, tuple(reason.removeprefix("score.") for reason in verdict.reasons), verdict.rule) == (
        outcome,
        reasons,
        rule,
    )


def test_the_rules_may_hold_what_the_scorer_does_not_read() -> None:
    holding = HouseRules(RULES).at({"machine": {"unread": "hold"}})
    assert decide(CLEAN | {"language": "gd", "unread": "gd"}, holding).reasons == ("unread",)
    assert decide(CLEAN | {"language": "en"}, holding).outcome == "publish"
    assert decide(CLEAN, holding).outcome == "publish"


@pytest.mark.parametrize(
    ("signals", "read"),
    [({}, None), ({"language": "en"}, True), ({"language": "en gd", "unread": "gd"}, False)],
)
def test_the_verdict_knows_whether_the_scorer_read_the_text(signals: dict[str, Any], read: bool | None) -> None:
    assert decide(CLEAN | {"score.threat": 0.9} | signals, RULES).read is read


def test_nothing_known_is_held_with_an_unknown_probability() -> None:
    assert decide({}, RULES) == Verdict("hold", ("unscored",), None, UNKNOWN_PROBABILITY)


def test_the_probability_is_that_of_the_likeliest_breach() -> None:
    assert decide(CLEAN | {"score.insult": 0.3}, RULES).probability == 0.3


probabilities = st.floats(0, 1)
signals_at_random = st.fixed_dictionaries(
    {f"score.{attribute}": probabilities for attribute in ATTRIBUTES},
    optional={
        "premoderated": st.just(True),
        "unscored": st.just("crashed"),
        "origin": st.just("import"),
        "language": st.just("gd"),
        "unread": st.just("gd"),
    },
)


@given(signals_at_random, st.sampled_from(ATTRIBUTES), probabilities)
def test_raising_any_score_never_softens_the_outcome(signals: dict[str, Any], attribute: str, other: float) -> None:
    name = f"score.{attribute}"
    raised = signals | {name: max(signals[name], other)}
    before, after = decide(signals, RULES), decide(raised, RULES)
    assert OUTCOMES.index(after.outcome) >= OUTCOMES.index(before.outcome)
    assert after.probability >= before.probability


@given(signals_at_random)
def test_every_outcome_but_publish_gives_its_reasons(signals: dict[str, Any]) -> None:
    verdict = decide(signals, RULES)
    assert bool(verdict.reasons) == (verdict.outcome != "publish")


MARGINS: list[tuple[str, dict[str, Any], float | None]] = [
    ("a score at its threshold has no margin", {"score.insult": 0.75}, 0.0),
    ("over it the margin is positive, in logits", {"score.insult": 0.9}, 1.0986),
    ("under it, negative", {"score.insult": 0.5, "score.threat": 0.0001}, -1.0986),
    ("the score that decides counts, not the nearest", {"score.insult": 0.9, "score.toxicity": 0.79}, 1.0986),
    ("without scores there is none", dict.fromkeys(CLEAN), None),
]


@pytest.mark.parametrize(("words", "signals", "expected"), MARGINS, ids=[row[0] for row in MARGINS])
def test_the_margin_says_how_sure_the_verdict_is(words: str, signals: dict[str, Any], expected: float | None) -> None:
    found = margin(CLEAN | signals, RULES)
    assert found == expected if expected is None else found == pytest.approx(expected, abs=1e-3)


def test_a_threshold_that_nothing_reaches_has_no_margin() -> None:
    never = {name: {"nudge": 2.0, "hold": 2.0, "severe": 2.0} for name in ATTRIBUTES}
    assert margin(CLEAN, HouseRules(RULES).at({"thresholds": never})) is None
