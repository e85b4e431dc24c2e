"""A second opinion yields to people: what somebody has decided, edited, taken back, reported or closed stands."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import clock
from app.accounts import erasure
from app.comments import deleting
from app.db import Database
from app.ids import new_id
from app.models import Account, Comment, Decision, Item, Notice, Story, Subscription
from app.models.comment import HELD, PUBLISHED
from app.models.role import MODERATOR
from app.models.sanction import BAN
from app.models.story import CLOSED, PREMODERATED
from app.moderation import decisions, undo
from app.moderation.decisions import Intent
from app.review_queue.items import Cause, Subject, open_item
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.callers import Browser, Headers
from tests.support.moderating import rows
from tests.support.posting import open_scene
from tests.support.second_opinions import HELD_THEN_PUBLISHED, PUBLISHED_THEN_HELD, Cascade
from tests.support.settings import settings_for

Bearer = Callable[[Account], Headers]
Open = Callable[[Account | None], Browser]


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return replace(settings_for(database, tmp_path), second_scorer="second")


@pytest.fixture
def cascade(client: FlaskClient, bearer: Bearer, database: Database, settings: Settings, house: HouseRules) -> Cascade:
    return Cascade(open_scene(client, bearer, database), settings, house)


Act = Callable[[Session, Cascade, Comment], None]


def _decide(session: Session, cascade: Cascade, comment: Comment, action: str) -> Decision:
    item = rows(session, Item)[0] if rows(session, Item) else moderating.ask(session, cascade.house, comment)
    chosen = item.id, item.revision, action, "respect", "Because."
    return decisions.decide(session, cascade.house, moderating.moderator(session), Intent(*chosen))


def _approved(session: Session, cascade: Cascade, comment: Comment) -> None:
    _decide(session, cascade, comment, "approve")


def _removed(session: Session, cascade: Cascade, comment: Comment) -> None:
    _decide(session, cascade, comment, "remove")


def _undone(session: Session, cascade: Cascade, comment: Comment) -> None:
    decision = _decide(session, cascade, comment, "approve")
    undo.undo(session, cascade.house, moderating.moderator(session), decision.id, "A slip.")


def _edited(session: Session, _cascade: Cascade, comment: Comment) -> None:
    comment.revision += 1


def _deleted(session: Session, _cascade: Cascade, comment: Comment) -> None:
    deleting.delete_own(session, comment.account_id, comment.id)


@pytest.mark.parametrize("text", [PUBLISHED_THEN_HELD, HELD_THEN_PUBLISHED])
@pytest.mark.parametrize("act", [_approved, _removed, _undone, _edited, _deleted])
def test_a_persons_word_stands_and_the_opinion_is_only_recorded(cascade: Cascade, act: Act, text: str) -> None:
    comment_id = cascade.post(text)
    with cascade.scene.database.transaction() as session:
        act(session, cascade, session.get_one(Comment, comment_id))
    before = cascade.state(comment_id)
    items = [(item.id, item.state) for item in _items(cascade)]
    cascade.reconsider()
    assert cascade.state(comment_id) == before
    assert [(item.id, item.state) for item in _items(cascade)] == items
    assert cascade.assessments(comment_id)[1].effect == "nothing"
    assert cascade.jobs() == []


def _items(cascade: Cascade) -> list[Item]:
    with cascade.scene.database.reading() as session:
        return rows(session, Item)


def _story_premoderated(session: Session, cascade: Cascade, _comment: Comment) -> None:
    session.get_one(Story, cascade.scene.story.id).state = PREMODERATED


def _story_closed(session: Session, cascade: Cascade, _comment: Comment) -> None:
    session.get_one(Story, cascade.scene.story.id).state = CLOSED


def _author_banned(session: Session, cascade: Cascade, comment: Comment) -> None:
    factories.sanction(session, session.get_one(Account, comment.account_id), BAN, at=cascade.scene.site)


def _author_taken_for_somebody_banned(session: Session, cascade: Cascade, comment: Comment) -> None:
    ban = factories.sanction(session, factories.account(session), BAN, at=cascade.scene.site)
    author = session.get_one(Account, comment.account_id)
    factories.possible_return(session, cascade.house, author, ban, at=cascade.scene.site)


def _lapsed(session: Session, _cascade: Cascade, _comment: Comment) -> None:
    rows(session, Subscription)[0].status = "canceled"


def _of_subscribers_alone(session: Session, cascade: Cascade, comment: Comment) -> None:
    story = session.get_one(Story, comment.story_id)
    story.title_only = True
    factories.site(session, products=(factories.PRODUCT,))


def _author_gone(session: Session, _cascade: Cascade, comment: Comment) -> None:
    erasure.erase(session, comment.account_id)


def _asked_for_more(session: Session, cascade: Cascade, comment: Comment) -> None:
    moderating.ask(session, cascade.house, comment, reason="moderator")


def _noticed(session: Session, cascade: Cascade, comment: Comment) -> None:
    values: dict[str, Any] = {"comment_id": comment.id, "revision": 1, "snapshot": comment.text, "good_faith": True}
    notice_id = new_id()
    subject = Subject("notice", notice_id, comment.site_id, comment.account_id)
    item_id = open_item(session, "notice", subject, Cause("notice", weight=1.0), cascade.house.at({}))
    told = {"id": notice_id, "item_id": item_id, "explanation": "Unlawful.", "language": "en", "receipt": "r"}
    session.add(Notice(created_at=clock.now(), **told, **values))
    session.flush()


@pytest.mark.parametrize(
    "act",
    [
        *(_story_premoderated, _story_closed, _of_subscribers_alone, _asked_for_more, _noticed),
        *(_author_banned, _author_taken_for_somebody_banned, _lapsed, _author_gone),
    ],
)
def test_a_hold_that_rests_on_more_than_its_scores_waits_for_a_moderator(cascade: Cascade, act: Act) -> None:
    comment_id = cascade.post(HELD_THEN_PUBLISHED)
    with cascade.scene.database.transaction() as session:
        act(session, cascade, session.get_one(Comment, comment_id))
    cascade.reconsider()
    assert cascade.state(comment_id) == HELD
    assert all(item.state == "open" for item in _items(cascade))
    assert cascade.assessments(comment_id)[1].effect == "nothing"


def test_who_works_there_needs_no_subscription_for_it(cascade: Cascade) -> None:
    comment_id = cascade.post(HELD_THEN_PUBLISHED)
    with cascade.scene.database.transaction() as session:
        _lapsed(session, cascade, session.get_one(Comment, comment_id))
        factories.give_role(session, session.get_one(Account, cascade.scene.reader.id), MODERATOR)
    cascade.reconsider()
    assert cascade.state(comment_id) == PUBLISHED


def test_an_edit_of_what_was_held_does_not_let_the_machine_release_it(cascade: Cascade) -> None:
    comment_id = cascade.post(HELD_THEN_PUBLISHED)
    body = {"text": HELD_THEN_PUBLISHED + " And more.", "confirm": True}
    headers = cascade.scene.bearer(cascade.scene.reader)
    cascade.scene.client.patch(f"/api/v1/comments/{comment_id}", json=body, headers=headers)
    cascade.reconsider()
    assert cascade.state(comment_id) == HELD


def test_a_report_on_what_the_second_opinion_holds_meets_it_in_one_item(cascade: Cascade) -> None:
    comment_id = cascade.post(PUBLISHED_THEN_HELD)
    with cascade.scene.database.transaction() as session:
        moderating.report(session, cascade.house, session.get_one(Comment, comment_id), factories.account(session))
    cascade.reconsider()
    item = cascade.scene.only(Item)
    assert (item.reasons, item.revision) == (["report", "hold"], 2)
