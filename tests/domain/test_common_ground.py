"""Common ground is sought where it is wanted and enough readers react; only scores of comments are kept of it."""

from datetime import timedelta

import numpy as np
import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock, ids
from app.accounts import erasure
from app.common_ground import ballot, jobs
from app.db import Database
from app.models import Account, Comment, Job, LedgerEntry, Reaction, Site, Story
from app.models.comment import REMOVED
from app.models.reaction import DISAGREEMENT, RESPECT
from app.models.sanction import BAN
from app.models.trait import MAILBOX
from app.payers import mailboxes
from app.stories import publication
from config.policy import HouseRules
from tests.support import factories
from tests.support.camps import Camps, cast, divided

READERS = 120


@pytest.fixture(scope="module")
def camps() -> Camps:
    return divided(5, READERS, comments=60, votes=3_000)


@pytest.fixture
def site(database: Database) -> Site:
    with database.transaction() as session:
        made = factories.site(session)
        jobs.turn(session, made, on=True)
        return made


@pytest.fixture
def story(database: Database, site: Site) -> Story:
    with database.transaction() as session:
        return factories.story(session, site)


def seek(database: Database, house: HouseRules) -> None:
    jobs.seek(database, house, {})


def scores(database: Database) -> dict[int, int]:
    with database.reading() as session:
        found = session.execute(select(Comment.id, Comment.common_ground).where(Comment.common_ground > 0))
        return {row.id: row.common_ground for row in found}


def kept(database: Database, story: Story) -> tuple[int, int, int]:
    """The story's revision, how many of its conversations are common ground, and how many disagreements there are."""
    with database.reading() as session:
        found = session.get_one(Story, story.id)
        quiet = session.scalar(select(func.count()).select_from(Reaction).where(Reaction.kind == DISAGREEMENT)) or 0
        return found.revision, found.common_ground_count, quiet


def test_comments_get_scores_and_stories_of_which_none_changes_stay(
    database: Database, house: HouseRules, site: Site, story: Story, camps: Camps
) -> None:
    with database.transaction() as session:
        comment_ids = cast(session, story, camps)
        quiet_story = factories.story(session, site)
    seek(database, house)
    found = scores(database)
    better = camps.quality[[number for number, comment in enumerate(comment_ids) if comment in found]]
    assert len(found) >= 3
    assert better.mean() > camps.quality.mean() + 0.5
    assert kept(database, story)[:2] == (1, len(found))
    seek(database, house)
    assert (scores(database), kept(database, story)[0], kept(database, quiet_story)[0]) == (found, 1, 0)
    with database.reading() as session:
        assert session.get_one(Site, site.id).seeks_common_ground


def test_what_is_taken_down_or_edited_is_common_ground_no_more(
    database: Database, house: HouseRules, story: Story, camps: Camps
) -> None:
    with database.transaction() as session:
        cast(session, story, camps)
    seek(database, house)
    removed, edited, *rest = scores(database)
    with database.transaction() as session:
        publication.set_state(session, session.get_one(Comment, removed), REMOVED)
        other = session.get_one(Comment, edited)
        other.edited_at = clock.now()
        publication.set_text(session, other)
    assert set(scores(database)) == set(rest)
    assert kept(database, story)[1] == len(rest)
    seek(database, house)
    assert not {removed, edited} & set(scores(database))


def test_a_score_outlives_the_votes(database: Database, house: HouseRules, story: Story, camps: Camps) -> None:
    with database.transaction() as session:
        cast(session, story, camps)
    seek(database, house)
    found = scores(database)
    with database.transaction() as session:
        # later ones, by which the site is large enough still
        cast(session, session.get_one(Story, story.id), camps, days_ago=1)
    with time_machine.travel(clock.now() + timedelta(days=house.retention.reactions_days - 29)):
        seek(database, house)
    assert found.items() <= scores(database).items()


def test_where_nobody_wants_it_nothing_is_kept(
    database: Database, house: HouseRules, site: Site, story: Story, camps: Camps
) -> None:
    with database.transaction() as session:
        cast(session, story, camps)
    seek(database, house)
    with database.transaction() as session:
        jobs.turn(session, session.get_one(Site, site.id), on=False)
        respects = session.scalar(select(func.count()).where(Reaction.kind == RESPECT))
    seek(database, house)
    revision, conversations, quiet = kept(database, story)
    assert (scores(database), revision, conversations, quiet) == ({}, 2, 0, 0)
    with database.reading() as session:
        assert not session.get_one(Site, site.id).seeks_common_ground
        assert session.scalar(select(func.count()).where(Reaction.kind == RESPECT)) == respects
        entries = session.scalars(select(LedgerEntry).where(LedgerEntry.action == "site.common_ground")).all()
        assert [entry.details for entry in entries] == [{"on": True}, {"on": False}]
        assert session.scalars(select(Job.kind)).all().count(jobs.SEEK) == 1


def test_a_small_site_keeps_nothing(database: Database, house: HouseRules, site: Site, story: Story) -> None:
    few = divided(5, house.at({}).common_ground.readers - 1, comments=60, votes=3_000)
    with database.transaction() as session:
        cast(session, story, few)
        session.get_one(Site, site.id).seeks_common_ground = True
    seek(database, house)
    assert (scores(database), kept(database, story)[2]) == ({}, 0)
    with database.reading() as session:
        assert not session.get_one(Site, site.id).seeks_common_ground


def react(session: Session, comment: Comment, reader: Account, kind: str = RESPECT) -> None:
    row = {"comment_id": comment.id, "account_id": reader.id, "story_id": comment.story_id}
    session.add(Reaction(kind=kind, created_at=clock.now(), **row))
    session.flush()


def votes(database: Database, site: Site) -> list[list[float]]:
    """By comment what its votes are, in order."""
    found = ballot.of_site(database, site.id, since=0)
    comment, respect = found.votes.comment, found.votes.respect
    return [sorted(respect[comment == number].tolist()) for number in range(found.votes.comments)]


def test_nothing_is_no_vote(database: Database, site: Site) -> None:
    assert votes(database, site) == []


def test_who_respects_and_disagrees_respects(database: Database, site: Site, story: Story) -> None:
    with database.transaction() as session:
        ada, bob = factories.account(session), factories.account(session)
        first, second = (factories.comment(session, story, factories.account(session)) for _ in range(2))
        for kind in (RESPECT, DISAGREEMENT):
            react(session, first, ada, kind)
        react(session, first, bob, DISAGREEMENT)
        react(session, second, bob)
        factories.comment(session, story, ada)
    assert votes(database, site) == [[0.0, 1.0], [1.0]]


@pytest.mark.parametrize("why", ["banned", "left out", "erased", "edited since", "too old", "removed", "another site"])
def test_whose_reaction_does_not_count(database: Database, site: Site, story: Story, why: str) -> None:
    with database.transaction() as session:
        ada, bob = factories.account(session), factories.account(session)
        comment = factories.comment(session, story, factories.account(session))
        react(session, comment, ada)
        if why == "another site":
            elsewhere = factories.story(session, factories.site(session))
            react(session, factories.comment(session, elsewhere, factories.account(session)), bob)
        else:
            react(session, comment, bob, DISAGREEMENT)
    with database.transaction() as session:
        comment, reader = session.get_one(Comment, comment.id), session.get_one(Account, bob.id)
        if why == "banned":
            factories.sanction(session, reader, BAN, at=site)
        elif why == "left out":
            reader.reactions_left_out = True
        elif why == "erased":
            erasure.erase(session, bob.id)
        elif why == "edited since":
            comment.edited_at = clock.now() + timedelta(seconds=1)
        elif why == "removed":
            publication.set_state(session, comment, REMOVED)
    since = ids.first_at(clock.now() + timedelta(hours=1)) if why == "too old" else 0
    left = ballot.of_site(database, site.id, since).votes.respect.tolist()
    assert left == ([] if why in ("edited since", "too old", "removed") else [1.0])


def test_a_person_votes_once_and_not_on_what_is_theirs(database: Database, site: Site, story: Story) -> None:
    with database.transaction() as session:
        ada, *puppets = (factories.account(session) for _ in range(4))
        # each shares a mailbox with the next
        for number, (one, other) in enumerate(zip([ada, *puppets], puppets, strict=False)):
            for account in (one, other):
                mailboxes.remember(session, account.id, MAILBOX, f"shared {number}")
        mine = factories.comment(session, story, ada)
        another = factories.comment(session, story, factories.account(session))
        for puppet in puppets:
            react(session, mine, puppet)
            react(session, another, puppet, RESPECT if puppet is puppets[-1] else DISAGREEMENT)
    assert votes(database, site) == [[1.0]]
    with database.transaction() as session:
        factories.sanction(session, session.get_one(Account, puppets[0].id), BAN, at=site)
    assert votes(database, site) == []


def test_many_slices_are_as_one(
    database: Database, site: Site, story: Story, camps: Camps, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        comment_ids = cast(session, story, camps)
    monkeypatch.setattr(ballot, "SLICE_COMMENTS", 7)
    found = ballot.of_site(database, site.id, since=0)
    assert found.comment_ids.tolist() == [comment_ids[number] for number in np.unique(camps.votes.comment)]
    assert sorted(found.votes.respect) == sorted(camps.votes.respect)
    assert found.votes.readers == len(np.unique(camps.votes.reader))
