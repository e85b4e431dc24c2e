"""Which comments a second scorer is asked about: the share of them whose verdict was the least sure."""

import pytest

from app import clock
from app.ids import new_id
from app.models import Assessment, Comment, Job
from app.screening import sampling, screen
from app.screening.sampling import ENOUGH_ASSESSMENTS, RECONSIDER, ask_second
from app.signals.family import WrittenText
from app.toxicity.scorer import ATTRIBUTES, Scores, Scoring
from tests.support.moderating import Desk, rows


def _assess(desk: Desk, comment: Comment, margin: float | None, **more: object) -> Assessment:
    made = Assessment(
        id=new_id(),
        comment_id=comment.id,
        revision=1,
        outcome="publish",
        reasons=[],
        signals={},
        scorer="first/1",
        margin=margin,
        created_at=clock.now(),
        **more,
    )
    desk.session.add(made)
    desk.session.flush()
    return made


def _asked(desk: Desk, margin: float | None, share: float = 0.2, **about: object) -> bool:
    """Whether the second scorer is asked about one more comment."""
    rules = desk.house.at({"second_opinion": {"share": share}})
    comment = desk.comment()
    for name, value in about.items():
        setattr(comment, name, value)
    assessment = _assess(desk, comment, margin)
    ask_second(desk.session, rules, comment, assessment)
    key = f"{RECONSIDER}:{comment.id}:{comment.revision}"
    return bool(rows(desk.session, Job, unique_key=key))


@pytest.fixture
def experienced(desk: Desk) -> Desk:
    """A hundred comments with margins of -5.0, -4.9, ... 4.9, the least sure in the middle."""
    comment = desk.comment()
    for number in range(-50, 50):
        _assess(desk, comment, number / 10)
    return desk


@pytest.mark.parametrize(
    ("margin", "asked"), [(0.0, True), (0.9, True), (-0.9, True), (1.2, False), (-1.2, False), (None, False)]
)
def test_the_share_that_lies_nearest_to_the_threshold_is_asked_about(
    experienced: Desk, margin: float | None, asked: bool
) -> None:
    assert _asked(experienced, margin) is asked


def test_all_of_them_and_none_of_them_are_shares_too(experienced: Desk) -> None:
    assert _asked(experienced, 7.0, share=1.0)
    assert not _asked(experienced, 0.0, share=0.0)


def test_until_there_is_enough_to_compare_with_every_comment_is_asked_about(desk: Desk) -> None:
    assert _asked(desk, 7.0)
    assert not _asked(desk, 7.0, share=0.0)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_of_a_stream_of_comments_about_the_share_is_asked_about(desk: Desk) -> None:
    margins = [((number * 0.618) % 1 - 0.7) * 10 for number in range(ENOUGH_ASSESSMENTS + 200)]
    asked = [_asked(desk, margin, share=0.3) for margin in margins]
    assert sum(asked[ENOUGH_ASSESSMENTS:]) / 200 == pytest.approx(0.3, abs=0.05)


def test_second_opinions_and_what_lies_far_back_are_not_compared_with(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "LATEST_ASSESSMENTS", 20)
    monkeypatch.setattr(sampling, "ENOUGH_ASSESSMENTS", 5)
    comment = desk.comment()
    for margin in (*[9.0] * 20, *[1.0] * 10):
        _assess(desk, comment, margin)
    for number in range(9):
        _assess(desk, comment, 9.0, revises_id=number + 1, effect="nothing")
    assert not _asked(desk, 1.5)


def test_imported_history_is_left_alone(desk: Desk) -> None:
    assert not _asked(desk, 0.0, origin="import")


def test_without_a_second_scorer_nobody_is_asked(desk: Desk) -> None:
    rules, scores = desk.house.at({}), Scores(**dict.fromkeys(ATTRIBUTES, 0.01))
    for second in (False, True):
        comment = desk.comment()
        comment.revision += 1
        judged = screen.judge(WrittenText("fine", Scoring("first/1", scores, second), desk.story), rules)
        screen.carry_out(desk.session, desk.house, rules, comment, judged, judged.state)
        assert bool(rows(desk.session, Job, unique_key=f"{RECONSIDER}:{comment.id}:{comment.revision}")) is second
