"""What an evaluation reads: the scores of the text that was decided on, by the scorer of today, in few statements."""

from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.db import Database
from app.ids import new_id
from app.models import ApiKey, Revision, SuggestedScore
from app.models.comment import HELD
from app.thresholds import comments, rescoring, suggestions
from app.thresholds.evidence import APPROVED, REMOVED, UNKNOWN, Collected, Evidence
from tests.support.decided import NOW, OLD, Newspaper
from tests.support.scorers import Marked, Silent
from tests.support.sql import counted


@pytest.fixture
def newspaper(database: Database) -> Newspaper:
    return Newspaper(database)


def toxicities(found: Evidence) -> list[float]:
    return [float(score) for score in found.scores[:, 0]]


def test_an_empty_newspaper_has_no_evidence(newspaper: Newspaper) -> None:
    found, _ = newspaper.collect()
    assert (found.scores.shape, found.removed.sum(), found.unreviewed.sum()) == ((0, 6), 0, 0)


def test_the_decided_the_waiting_and_the_unreviewed_are_told_apart(newspaper: Newspaper) -> None:
    newspaper.approve(newspaper.comment(0.9, state=HELD))
    newspaper.comment(0.8, state=HELD)
    newspaper.comment(0.1)
    found, _ = newspaper.collect()
    assert toxicities(found) == [0.9, 0.8, 0.1]
    assert found.labels.tolist() == [APPROVED, UNKNOWN, UNKNOWN]
    assert found.waiting.tolist() == [False, True, False]
    assert found.unreviewed.tolist() == [False, False, True]
    assert found.ours.all()


def test_a_label_is_about_the_text_that_was_decided_on(newspaper: Newspaper) -> None:
    comment = newspaper.comment(0.9)
    newspaper.approve(comment)
    newspaper.edit(comment, 0.1)
    later = newspaper.comment(0.8)
    newspaper.edit(later, 0.2)
    newspaper.approve(later)
    assert toxicities(newspaper.collect()[0]) == [0.9, 0.2]


def test_an_undecided_comment_counts_as_it_stands(newspaper: Newspaper) -> None:
    comment = newspaper.comment(0.9)
    newspaper.edit(comment, 0.1)
    assert toxicities(newspaper.collect()[0]) == [0.1]


def test_other_versions_are_left_out_and_counted_or_scored_anew(newspaper: Newspaper) -> None:
    newspaper.comment(0.9)
    old = newspaper.comment(0.8, scorer=OLD)
    newspaper.approve(old)
    newspaper.assess(newspaper.comment(0.3), 0.7, OLD, premoderated=True)
    found, collected = newspaper.collect()
    assert (toxicities(found), collected.left_out) == ([0.9, 0.3], {comments.OTHER_SCORER: 1})
    found, collected = newspaper.collect(rescore=True)
    assert (toxicities(found), collected.left_out.total()) == ([0.9, 0.3, 0.8], 0)
    assert found.labels.tolist() == [UNKNOWN, UNKNOWN, APPROVED]


def test_a_second_opinion_counts_for_the_first(newspaper: Newspaper) -> None:
    comment = newspaper.comment(0.9)
    newspaper.assess(comment, 0.4, f"{NOW}+second/1")
    newspaper.assess(newspaper.comment(0.8), 0.3, f"{OLD}+second/1")
    assert toxicities(newspaper.collect()[0]) == [0.4, 0.8]


def test_scoring_anew_takes_the_text_of_the_decided_revision_and_keeps_the_other_signals(newspaper: Newspaper) -> None:
    comment = newspaper.comment(0.8, scorer=OLD)
    newspaper.approve(comment)
    newspaper.edit(comment, 0.1)
    newspaper.assess(newspaper.comment(0.4, scorer="marked/older"), 0.6, OLD, premoderated=True, unscored="deadline")
    found, _ = newspaper.collect(rescore=True)
    assert toxicities(found) == [0.8, 0.4]
    assert found.held_anyway.tolist() == [False, True]
    assert found.scored.all()


def test_scoring_anew_reads_what_readers_see(newspaper: Newspaper) -> None:
    newspaper.comment(0.1, scorer=OLD, text="[toxicity=**0.7**]")
    assert toxicities(newspaper.collect(rescore=True)[0]) == [0.7]


def test_a_text_that_is_gone_cannot_be_scored_anew(newspaper: Newspaper) -> None:
    comment = newspaper.comment(0.8, scorer=OLD)
    with newspaper.database.transaction() as session:
        session.delete(session.get_one(Revision, (comment.id, 1)))
    found, collected = newspaper.collect(rescore=True)
    assert (len(found.labels), collected.left_out) == (0, {comments.NO_TEXT: 1})


def test_a_scorer_that_does_not_answer_is_named(newspaper: Newspaper) -> None:
    newspaper.comment(0.8, scorer=OLD)
    since = clock.now() - timedelta(days=1)
    with pytest.raises(rescoring.NoScores, match="silent does not answer: crashed"):
        comments.collect(newspaper.database, Collected(), newspaper.site.id, since, Silent(), rescore=True)


def test_other_sites_and_earlier_times_are_not_read(newspaper: Newspaper) -> None:
    Newspaper(newspaper.database).comment(0.9)
    newspaper.comment(0.8, at=clock.now() - timedelta(days=31))
    newspaper.comment(0.7, at=clock.now() - timedelta(days=29))
    assert toxicities(newspaper.collect()[0]) == [0.7]
    assert toxicities(newspaper.collect(days=40)[0]) == [0.8, 0.7]


def test_statements_grow_with_slices_and_not_with_rows(newspaper: Newspaper, monkeypatch: pytest.MonkeyPatch) -> None:
    def statements() -> int:
        with counted(newspaper.database) as made:
            newspaper.collect(rescore=True)
        return len(made)

    for n in range(8):
        newspaper.approve(newspaper.comment(n / 10, scorer=OLD if n % 2 else NOW))
    few = statements()
    for n in range(20):
        newspaper.approve(newspaper.comment(n / 100, scorer=OLD if n % 2 else NOW))
    assert statements() == few == 4
    everything = newspaper.collect(rescore=True)[0]
    monkeypatch.setattr(comments, "SLICE_COMMENTS", 7)
    assert statements() == 4 * 4 + 3  # and a last slice that is empty
    in_slices = newspaper.collect(rescore=True)[0]
    assert sorted(zip(toxicities(in_slices), in_slices.labels, strict=True)) == sorted(
        zip(toxicities(everything), everything.labels, strict=True)
    )


def test_nothing_is_written(newspaper: Newspaper) -> None:
    newspaper.approve(newspaper.comment(0.8, scorer=OLD))
    with counted(newspaper.database) as made:
        newspaper.collect(rescore=True)
    assert all(statement.lstrip().upper().startswith("SELECT") for statement in made)


def suggest(newspaper: Newspaper, *suggested: tuple[str | None, str, dict[str, float]]) -> None:
    """(the publisher's name of the comment, its text, its scores), one after the other, by one publisher."""
    with newspaper.database.transaction() as session:
        key = ApiKey(
            id=new_id(),
            name=f"key {new_id()}",
            digest=str(new_id()),
            per_second=1,
            per_minute=1,
            created_at=clock.now(),
        )
        session.add(key)
        session.flush()
        for token, text, scores in suggested:
            row: dict[str, Any] = {
                "text": text,
                "scores": scores,
                "languages": [],
                "client_token": token,
                "community_id": None,
            }
            session.add(SuggestedScore(id=new_id(), api_key_id=key.id, created_at=clock.now(), **row))


def suggested(newspaper: Newspaper, *, rescore: bool = True) -> tuple[dict[float, int], Collected]:
    collected = Collected()
    since = clock.now() - timedelta(days=30)
    suggestions.collect(newspaper.database, collected, since, Marked(), rescore=rescore)
    found = collected.evidence()
    assert not found.ours.any()
    return dict(zip(toxicities(found), found.labels.tolist(), strict=True)), collected


def test_what_publishers_suggest_becomes_a_label(newspaper: Newspaper) -> None:
    suggest(
        newspaper,
        ("1", "[toxicity=0.9]", {"toxicity": 1.0}),
        ("2", "[toxicity=0.8]", {"toxicity": 0.0, "insult": 0.2}),
        ("3", "[toxicity=0.7]", {"toxicity": 0.0, "insult": 1.0}),
        ("4", "[toxicity=0.6]", {}),
    )
    assert suggested(newspaper)[0] == {0.9: REMOVED, 0.8: APPROVED, 0.7: REMOVED}
    found, collected = suggested(newspaper, rescore=False)
    assert (found, collected.left_out) == ({}, {suggestions.SUGGESTED: 3})


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_the_latest_suggestion_counts(newspaper: Newspaper, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestions, "SLICE_SUGGESTIONS", size)
    suggest(
        newspaper,
        ("1", "[toxicity=0.9]", {"toxicity": 1.0}),
        (None, "[toxicity=0.8]", {"toxicity": 1.0}),
        ("1", "[toxicity=0.9]", {"toxicity": 0.0}),
        (None, "[toxicity=0.8]", {"toxicity": 0.0}),
    )
    suggest(newspaper, ("1", "[toxicity=0.7]", {"toxicity": 1.0}))
    assert suggested(newspaper)[0] == {0.9: APPROVED, 0.8: APPROVED, 0.7: REMOVED}
