"""A second opinion and a person's act meet on one comment: whoever locks the author first goes first, and what a person
has decided is never overruled."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.identity import Identity
from app.comments import deleting, editing
from app.comments.nudge import Answer
from app.comments.posting import Draft
from app.db import Database
from app.errors import Conflict
from app.models import Account, Assessment, Comment, Item, Story
from app.models.comment import DELETED, HELD, PUBLISHED, REMOVED
from app.moderation import decisions
from app.moderation.decisions import Intent
from app.sign_in import bearer_tokens
from app.stories import sites
from app.toxicity.scorer import Scoring
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.moderating import rows
from tests.support.posting import open_scene
from tests.support.scorers import Marked
from tests.support.second_opinions import HELD_THEN_PUBLISHED, PUBLISHED_THEN_HELD, Cascade
from tests.support.settings import settings_for
from tests.support.together import at_once
from tests.support.waiting import PATIENCE, HoldUp, waits

CALM = "I was there, and saw it."
STALE = "stale"


@dataclass
class Meeting:
    """A comment with an open item about it, an item about another of its author's, and a moderator."""

    cascade: Cascade
    comment_id: int
    item: Item
    other: Item
    moderator: Identity
    pool: ThreadPoolExecutor

    @property
    def database(self) -> Database:
        return self.cascade.scene.database

    def revise(self) -> None:
        first = self.cascade.assessments(self.comment_id)[0]
        self.cascade.opine({"assessment_id": str(first.id)})

    def act(self, what: str, session: Session) -> None:
        author = self.cascade.scene.reader.id
        if what == "edit":
            draft = Draft(CALM, Scoring("marked/1", Marked().score([CALM], 1.0)[0]), Answer(confirmed=True))  # type: ignore[index]
            site = sites.by_id(self.database, self.cascade.scene.site.id)
            editing.edit(session, author, site, self.comment_id, draft, self.cascade.house)
        elif what == "delete":
            deleting.delete_own(session, author, self.comment_id)
        else:
            item = self.other if what == "ban" else self.item
            chosen = item.id, item.revision, what, "respect", "Because."
            decisions.decide(session, self.cascade.house, self.moderator, Intent(*chosen))

    def act_alone(self, what: str) -> str:
        """The act in a transaction of its own; what it was refused for."""
        try:
            with self.database.transaction() as session:
                self.act(what, session)
        except Conflict as refusal:
            return refusal.code
        return ""

    def outcome(self) -> tuple[str, str | None]:
        """The comment's state and what the second opinion did; every count must be right."""
        with self.database.reading() as session:
            (second,) = (a for a in rows(session, Assessment, comment_id=self.comment_id) if a.revises_id)
            story = self.cascade.scene.story.id
            shown = select(func.count()).where(Comment.story_id == story, Comment.state == PUBLISHED)
            assert session.get_one(Story, story).comment_count == session.scalar(shown)
            assert len(rows(session, Item, subject_id=self.comment_id, state="open")) <= 1
            return session.get_one(Comment, self.comment_id).state, second.effect


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return replace(settings_for(database, tmp_path), second_scorer="second")


@pytest.fixture
def meet(app: Flask, settings: Settings, house: HouseRules, database: Database) -> Iterator[Callable[[str], Meeting]]:
    def bearer(account: Account) -> dict[str, str]:
        token = bearer_tokens.issue(settings, Identity(account.id, epoch=account.session_epoch))
        return {"Authorization": f"Bearer {token}"}

    with ThreadPoolExecutor(4) as pool:

        def over(text: str) -> Meeting:
            cascade = Cascade(open_scene(app.test_client(), bearer, database), settings, house)
            comment_id = cascade.post(text)
            with database.transaction() as session:
                comment = session.get_one(Comment, comment_id)
                if comment.state == PUBLISHED:
                    moderating.report(session, house, comment, factories.account(session))
                (item,) = rows(session, Item, subject_id=comment_id)
                another = factories.comment(session, cascade.scene.story, cascade.scene.reader)
                other = moderating.report(session, house, another, factories.account(session))
                moderator = moderating.moderator(session)
            return Meeting(cascade, comment_id, item, other, moderator, pool)

        yield over


FIRST_THE_OPINION: list[tuple[str, str, str, str, str]] = [
    (PUBLISHED_THEN_HELD, "approve", STALE, HELD, "held"),
    (PUBLISHED_THEN_HELD, "remove", STALE, HELD, "held"),
    (PUBLISHED_THEN_HELD, "edit", "", HELD, "held"),
    (PUBLISHED_THEN_HELD, "delete", "", DELETED, "held"),
    (PUBLISHED_THEN_HELD, "ban", "", HELD, "held"),
    (HELD_THEN_PUBLISHED, "approve", STALE, PUBLISHED, "published"),
    (HELD_THEN_PUBLISHED, "remove", STALE, PUBLISHED, "published"),
    (HELD_THEN_PUBLISHED, "edit", "", PUBLISHED, "published"),
    (HELD_THEN_PUBLISHED, "delete", "", DELETED, "published"),
    (HELD_THEN_PUBLISHED, "ban", "", PUBLISHED, "published"),
]


@pytest.mark.parametrize(("text", "what", "refused", "state", "effect"), FIRST_THE_OPINION)
def test_an_act_waits_for_an_opinion_that_is_being_written_and_sees_what_it_did(
    meet: Callable[[str], Meeting], text: str, what: str, refused: str, state: str, effect: str
) -> None:
    meeting = meet(text)
    hold_up = HoldUp(meeting.database, "INSERT INTO assessments")
    revising_ = meeting.pool.submit(meeting.revise)
    try:
        assert hold_up.reached.wait(PATIENCE)
        acting = meeting.pool.submit(meeting.act_alone, what)
        assert waits(meeting.database, acting)
    finally:
        hold_up.let_go()
    revising_.result(PATIENCE)
    assert acting.result(PATIENCE) == refused
    assert meeting.outcome() == (state, effect)


FIRST_THE_ACT: list[tuple[str, str, str, str]] = [
    (PUBLISHED_THEN_HELD, "approve", PUBLISHED, "nothing"),
    (PUBLISHED_THEN_HELD, "remove", REMOVED, "nothing"),
    (PUBLISHED_THEN_HELD, "edit", PUBLISHED, "nothing"),
    (PUBLISHED_THEN_HELD, "delete", DELETED, "nothing"),
    (PUBLISHED_THEN_HELD, "ban", HELD, "held"),
    (HELD_THEN_PUBLISHED, "approve", PUBLISHED, "nothing"),
    (HELD_THEN_PUBLISHED, "remove", REMOVED, "nothing"),
    (HELD_THEN_PUBLISHED, "edit", HELD, "nothing"),
    (HELD_THEN_PUBLISHED, "delete", DELETED, "nothing"),
    (HELD_THEN_PUBLISHED, "ban", HELD, "nothing"),
]


@pytest.mark.parametrize(("text", "what", "state", "effect"), FIRST_THE_ACT)
def test_an_opinion_waits_for_an_act_and_leaves_it_standing(
    meet: Callable[[str], Meeting], text: str, what: str, state: str, effect: str
) -> None:
    meeting = meet(text)
    with meeting.database.transaction() as session:
        meeting.act(what, session)
        revising_ = meeting.pool.submit(meeting.revise)
        assert waits(meeting.database, revising_)
    revising_.result(PATIENCE)
    assert meeting.outcome() == (state, effect)


@pytest.mark.parametrize("text", [PUBLISHED_THEN_HELD, HELD_THEN_PUBLISHED])
@pytest.mark.parametrize("what", ["approve", "remove", "edit", "delete", "ban"])
def test_let_go_together_they_end_as_if_one_had_come_first(
    meet: Callable[[str], Meeting], text: str, what: str
) -> None:
    meeting = meet(text)
    acts: list[Callable[[], Any]] = [meeting.revise, partial(meeting.act_alone, what)]
    _, refused = at_once(lambda number: acts[number](), 2)
    allowed = {tuple(rest) for t, w, *rest in FIRST_THE_OPINION if (t, w) == (text, what)}
    allowed |= {("", *rest) for t, w, *rest in FIRST_THE_ACT if (t, w) == (text, what)}
    assert (refused, *meeting.outcome()) in allowed


@pytest.mark.parametrize("text", [PUBLISHED_THEN_HELD, HELD_THEN_PUBLISHED])
def test_four_workers_with_one_job_revise_once(meet: Callable[[str], Meeting], text: str) -> None:
    meeting = meet(text)
    at_once(lambda _: meeting.revise(), 4)
    held = text == PUBLISHED_THEN_HELD
    assert meeting.outcome() == ((HELD, "held") if held else (PUBLISHED, "published"))
    with meeting.database.reading() as session:
        assert session.get_one(Item, meeting.item.id).revision == meeting.item.revision + held
