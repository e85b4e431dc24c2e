"""One act gives one strike's worth of points, however often it is decided on."""

from app import clock
from app.models import Comment
from app.moderation import ladder, strikes, undo
from tests.support import moderating
from tests.support.moderating import Desk


def points(desk: Desk) -> int:
    return ladder.points_in_force(strikes.of(desk.session, desk.author.id), clock.now())


def remove(desk: Desk, comment: Comment, rule: str = "topic") -> int:
    """The comment is removed; the id of the decision."""
    return desk.decide(moderating.ask(desk.session, desk.house, comment), "remove", rule).id


def test_a_text_counts_once_and_by_the_gravest_and_another_text_counts_again(desk: Desk) -> None:
    comment = desk.comment()
    for rule in ("topic", "topic", "hate", "topic"):
        remove(desk, comment, rule)
    assert points(desk) == 4
    comment.text, comment.revision, comment.edited_at = "Worse.", 2, clock.now()
    remove(desk, comment)
    assert points(desk) == 5


def test_while_one_decision_on_a_text_stands_it_counts(desk: Desk) -> None:
    comment = desk.comment()
    first, second = remove(desk, comment, "hate"), remove(desk, comment)
    undo.undo(desk.session, desk.house, desk.moderator, first, "A mistake.")
    assert points(desk) == 1
    undo.undo(desk.session, desk.house, desk.moderator, second, "A mistake.")
    assert points(desk) == 0
