"""Whatever the trees, walking every page reads every visible comment once, in order: compared with a naive model."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.db import Database
from app.models import Story
from app.models.comment import HELD, PUBLISHED, REMOVED
from app.threads import conversations, slices
from app.threads.slices import SortName
from app.threads.thread_comments import ThreadComment
from tests.support import factories
from tests.support.conversations import Planted, Sketch, plant

LEVELS = 2
ORDERS = {
    "newest": lambda comment: -comment.id,
    "oldest": lambda comment: comment.id,
    "respected": lambda comment: (-comment.respect_count, -comment.id),
    "common_ground": lambda comment: (-comment.common_ground, -comment.id),
    "discussed": lambda comment: (-comment.conversation_count, -comment.id),
}


@st.composite
def sketches(draw: st.DrawFn) -> list[Sketch]:
    """Trees of up to 30 comments, half of them replies to any earlier one, a third not published."""
    states = st.sampled_from((PUBLISHED, PUBLISHED, PUBLISHED, PUBLISHED, REMOVED, HELD))
    return [
        Sketch(
            parent=draw(st.none() | st.integers(0, number - 1)) if number else None,
            state=draw(states),
            respects=draw(st.integers(0, 2)),
            common_ground=draw(st.integers(0, 2)),
        )
        for number in range(draw(st.integers(0, 30)))
    ]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages so small that thirty comments fill many."""
    monkeypatch.setattr(slices, "SLICE_ROOTS", 3)
    monkeypatch.setattr(slices, "FIRST_REPLIES", 2)
    monkeypatch.setattr(conversations, "SLICE_REPLIES", 2)


@given(trees=sketches(), sort=st.sampled_from([*ORDERS]), pinned=st.none() | st.integers(0, 40))
@settings(max_examples=60)
@pytest.mark.usefixtures("small_pages")
def test_every_visible_comment_is_read_once_and_in_order(
    database: Database, trees: list[Sketch], sort: SortName, pinned: int | None
) -> None:
    """But for a pinned one, which stands first."""
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        planted = plant(session, story, [factories.account(session)], trees)
        published = [comment.id for comment in planted if comment.depth == 0 and comment.state == PUBLISHED]
        if pinned is not None and published:
            story.pinned_id = published[pinned % len(published)]
        roots = list(walk(session, story, sort))
        assert all(rest(session, root) for root in roots if root.more is not None)
        read = {root.id: [root.id, *ids(root.replies), *rest(session, root)] for root in roots}
    visible = {comment.id for comment in planted if is_visible(comment, planted)}
    expected = sorted((comment for comment in planted if is_shown_root(comment, planted)), key=ORDERS[sort])
    expected.sort(key=lambda comment: comment.id != story.pinned_id)
    assert list(read) == [root.id for root in expected]
    for root in expected:
        conversation = [comment.id for comment in planted if comment.root_id == root.id and comment.id in visible]
        assert sorted(read[root.id]) == sorted({root.id, *conversation})


@given(trees=sketches())
@settings(max_examples=40)
def test_each_is_nested_under_what_it_answers_or_names_it(database: Database, trees: list[Sketch]) -> None:
    with database.transaction() as session:
        story = factories.story(session, factories.site(session))
        plant(session, story, [factories.account(session)], trees)
        roots = list(walk(session, story, "oldest"))
    for holder in every(roots):
        assert holder.level <= LEVELS
        assert [reply.position for reply in holder.replies] == sorted(reply.position for reply in holder.replies)
        assert holder.visible or holder.depth == 0
        assert (holder.text is None) == (holder.author is None) == (holder.state != PUBLISHED)
        for reply in holder.replies:
            answered = reply.in_reply_to.id if reply.in_reply_to else holder.id
            assert reply.parent_id == answered


def walk(session: Session, story: Story, sort: SortName) -> Iterator[ThreadComment]:
    """All roots of a story, slice by slice."""
    cursor: str | None = None
    while True:
        part = slices.of_story(session, story, sort, slices.place_of(cursor, sort), LEVELS)
        yield from part.comments
        cursor = part.next
        if cursor is None:
            return


def rest(session: Session, root: ThreadComment) -> list[int]:
    """The ids of what follows the first replies of a conversation, slice by slice."""
    found: list[int] = []
    cursor = None if root.more is None else str(root.more)
    while cursor is not None:
        part = conversations.replies(session, root, conversations.place_of(cursor), LEVELS)
        found += ids(part.comments)
        cursor = part.next
    return found


def ids(comments: list[ThreadComment]) -> list[int]:
    return [comment.id for comment in every(comments)]


def every(comments: list[ThreadComment]) -> Iterator[ThreadComment]:
    for comment in comments:
        yield comment
        yield from every(comment.replies)


def is_visible(comment: Planted, planted: list[Planted]) -> bool:
    replies = (other for other in planted if other.parent_id == comment.id)
    return comment.state == PUBLISHED or any(reply.state == PUBLISHED for reply in replies)


def is_shown_root(comment: Planted, planted: list[Planted]) -> bool:
    conversation = (other for other in planted if other.root_id == comment.id)
    return comment.depth == 0 and any(other.state == PUBLISHED for other in conversation)
