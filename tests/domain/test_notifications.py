"""Who is told of what: once, by the bell, if it is there to be read and they want to hear of it."""

from datetime import UTC

import pytest
from sqlalchemy import delete

from app.accounts import emails, erasure, mutes
from app.db import Database
from app.errors import Conflict
from app.models import Account, Comment, Follow, Item, Job, Report
from app.models.comment import DELETED, HELD, PUBLISHED, REMOVED, WITHHELD
from app.models.notification import DECISION, MENTION, PICK, REPLY, REPORT
from app.models.notification import PUBLISHED as LET_THROUGH
from app.models.role import MODERATOR
from app.moderation import decisions, picks, reports, undo
from app.moderation.decisions import Intent
from app.moderation.reports import Complaint
from app.notifications import bell, follows, recipients
from app.stories import authors, publication
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.assembled import assembled
from tests.support.telling import Telling, telling


@pytest.fixture
def scene(database: Database, settings: Settings, house: HouseRules) -> Telling:
    return telling(assembled(settings, house, database))


def test_who_is_answered_is_told(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    reply = scene.comment(bob, parent=scene.comment(ada))
    scene.work()
    assert scene.told(ada) == [(REPLY, reply.id)]
    assert scene.bell(ada) == ["Bob has answered you on “Tide”."]
    assert (scene.unread(ada), scene.told(bob)) == (1, [])


def test_nobody_is_told_of_what_they_write_themselves(scene: Telling) -> None:
    ada = scene.reader("Ada")
    scene.comment(ada, "@Ada says so", parent=scene.comment(ada))
    scene.work()
    assert scene.told(ada) == []


def test_who_is_named_is_told_if_they_have_written_there(scene: Telling) -> None:
    ada, bob, cid = scene.reader("Ada Lovelace"), scene.reader("Bob"), scene.reader("Cid")
    scene.comment(ada)
    mention = scene.comment(bob, "I think that @Ada Lovelace is right, and @Cid would say so too.")
    scene.work()
    assert scene.told(ada) == [(MENTION, mention.id)]
    assert scene.told(cid) == []
    assert scene.bell(ada) == ["Bob has mentioned you on “Tide”."]


def test_who_is_answered_and_named_is_told_once(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    scene.comment(bob, "@Ada, no.", parent=scene.comment(ada))
    scene.work()
    assert [kind for kind, _ in scene.told(ada)] == [REPLY]


def test_who_has_written_the_article_follows_it_until_they_say_otherwise(scene: Telling) -> None:
    ann, bob = scene.reader("Ann"), scene.reader("Bob")
    mailbox = emails.token(scene.it.settings, str(ann.email))
    with scene.database.transaction() as session:
        session.get_one(Account, ann.id).email_token = mailbox
        authors.put(session, scene.story.id, [mailbox, "nobody's"])
    scene.comment(bob)
    scene.work()
    scene.comment(ann)
    scene.comment(bob)
    scene.work()
    with scene.database.transaction() as session:
        (followed,) = follows.listed(session, ann.id)
        assert (followed.story.id, followed.new) == (scene.story.id, 2)
        follows.drop(session, ann.id, scene.story.id)
        authors.put(session, scene.story.id, [mailbox])
    scene.comment(bob)
    scene.work()
    with scene.database.reading() as session:
        assert follows.listed(session, ann.id) == []


def test_who_is_named_by_an_edit_is_told_and_nobody_else_again(scene: Telling) -> None:
    ada, bob, cid, dan = (scene.reader(name) for name in ("Ada", "Bob", "Cid", "Dan"))
    scene.comment(cid)
    reply = scene.comment(bob, "I think so.", parent=scene.comment(ada))
    scene.work()
    with scene.database.transaction() as session:
        follows.put(session, dan.id, scene.story.id, "followed")
        bell.read(session, ada.id)
    with scene.database.transaction() as session:
        comment = session.get_one(Comment, reply.id)
        comment.text = "I think so, @Cid and @Ada."
        publication.set_text(session, comment)
    scene.work()
    assert scene.told(cid) == [(MENTION, reply.id)]
    assert (scene.told(ada), scene.unread(ada), scene.told(bob)) == ([(REPLY, reply.id)], 0, [])
    with scene.database.reading() as session:
        assert session.get_one(Follow, (dan.id, scene.story.id)).due_at is None


@pytest.mark.parametrize("state", [HELD, WITHHELD])
def test_a_comment_that_waited_is_told_of_when_it_is_let_through(scene: Telling, state: str) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    reply = scene.comment(bob, parent=scene.comment(ada), state=state)
    scene.work()
    assert scene.told(ada) == scene.told(bob) == []
    with scene.database.transaction() as session:
        publication.set_state(session, session.get_one(Comment, reply.id), PUBLISHED)
    scene.work()
    assert scene.told(ada) == [(REPLY, reply.id)]
    assert scene.told(bob) == [(LET_THROUGH, reply.id)]
    assert scene.bell(bob) == ["Your comment on “Tide” has been read by a moderator and is published."]


def test_what_comes_and_goes_is_told_once(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    reply = scene.comment(bob, parent=scene.comment(ada))
    for state in (REMOVED, PUBLISHED, REMOVED, PUBLISHED):
        with scene.database.transaction() as session:
            publication.set_state(session, session.get_one(Comment, reply.id), state)
        scene.work()
    assert len(scene.told(ada)) == 1


@pytest.mark.parametrize("state", [REMOVED, DELETED, WITHHELD])
def test_the_bell_leads_to_nothing_that_is_gone(scene: Telling, state: str) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    reply = scene.comment(bob, parent=scene.comment(ada))
    scene.work()
    with scene.database.transaction() as session:
        publication.set_state(session, session.get_one(Comment, reply.id), state)
    assert (scene.bell(ada), scene.unread(ada)) == ([], 0)


def test_a_comment_that_is_gone_before_the_job_comes_tells_nobody(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    reply = scene.comment(bob, parent=scene.comment(ada))
    with scene.database.transaction() as session:
        publication.set_state(session, session.get_one(Comment, reply.id), REMOVED)
    scene.work()
    assert scene.told(ada) == []


def test_history_that_is_brought_in_tells_nobody(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    with scene.database.transaction() as session:
        follows.put(session, ada.id, scene.story.id, "followed")
        session.execute(delete(Job))
        reply = factories.comment(session, scene.story, bob, state=HELD)
        reply.origin = "import"
        publication.set_state(session, reply, PUBLISHED)
        assert session.query(Job).count() == 0
    assert (scene.told(ada), scene.unread(ada)) == ([], 0)


def test_who_has_muted_the_writer_or_the_story_hears_nothing(scene: Telling) -> None:
    ada, bob, cid = scene.reader("Ada"), scene.reader("Bob"), scene.reader("Cid")
    first, second = scene.comment(ada), scene.comment(cid)
    with scene.database.transaction() as session:
        mutes.mute(session, ada.id, bob.id)
        follows.put(session, cid.id, scene.story.id, "muted")
    scene.comment(bob, parent=first)
    scene.comment(bob, "@Ada @Cid", parent=second)
    scene.work()
    assert scene.told(ada) == scene.told(cid) == []


def test_who_mutes_the_writer_later_has_no_news_of_them(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    scene.comment(bob, parent=scene.comment(ada))
    scene.work()
    with scene.database.transaction() as session:
        mutes.mute(session, ada.id, bob.id)
    assert (scene.bell(ada), scene.unread(ada)) == ([], 0)


def test_what_others_have_muted_is_nothing_to_oneself(scene: Telling) -> None:
    ada, bob, cid = scene.reader("Ada"), scene.reader("Bob"), scene.reader("Cid")
    parent = scene.comment(ada)
    scene.comment(bob, parent=scene.comment(cid, parent=parent))
    scene.comment(bob, parent=parent)
    scene.work()
    with scene.database.transaction() as session:
        mutes.mute(session, cid.id, bob.id)
    assert (scene.unread(ada), scene.unread(cid)) == (2, 0)


def test_an_erased_reader_is_told_nothing_more_and_keeps_nothing(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    parent = scene.comment(ada)
    scene.comment(bob, parent=parent)
    scene.work()
    with scene.database.transaction() as session:
        follows.put(session, ada.id, scene.story.id, "followed")
        erasure.erase(session, ada.id)
    scene.comment(bob, parent=parent)
    scene.work()
    assert scene.told(ada) == []


def test_who_reported_is_told_what_became_of_it(scene: Telling, house: HouseRules) -> None:
    ada, bob, gone = scene.reader("Ada"), scene.reader("Bob"), scene.reader("Cid")
    comment = scene.comment(bob)
    with scene.database.transaction() as session:
        reports.report_comment(session, house, ada.id, comment.id, Complaint("respect"))
        report_id = session.query(Report).one().id
        reports.report_comment(session, house, gone.id, comment.id, Complaint("respect"))
        erasure.erase(session, gone.id)
        actor = moderating.moderator(session)
    scene.work()
    assert scene.told(ada) == []
    with scene.database.transaction() as session:
        item = session.query(Item).one()
        intent = Intent(item.id, item.revision, "remove", "respect", "It insults.")
        decided = decisions.decide(session, house, actor, intent)
    scene.work()
    assert (scene.told(ada), scene.told(gone)) == ([(REPORT, report_id)], [])
    assert scene.bell(ada) == ["You reported a comment on “Tide”. A moderator has looked at it and has acted."]
    assert [kind for kind, _ in scene.told(bob)] == [DECISION]
    with scene.database.transaction() as session:
        undo.undo(session, house, actor, decided.id, "A mistake.")
    scene.work()
    assert scene.bell(ada) == ["You reported a comment on “Tide”. A moderator is looking at it once more."]


def test_followers_are_told_by_a_count_and_not_of_their_own(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    scene.comment(bob)
    with scene.database.transaction() as session:
        follows.put(session, ada.id, scene.story.id, "followed")
    for _ in range(3):
        scene.comment(bob)
    scene.comment(ada)
    scene.work()
    with scene.database.transaction() as session:
        (followed,) = follows.listed(session, ada.id)
        assert followed.new == 3
        assert scene.told(ada) == []
        follows.seen(session, ada.id, scene.story.id)
        (followed,) = follows.listed(session, ada.id)
        assert followed.new == 0


def test_the_bell_counts_what_is_followed(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    with scene.database.transaction() as session:
        follows.put(session, ada.id, scene.story.id, "followed")
    assert scene.unread(ada) == 0
    scene.comment(bob)
    scene.comment(bob)
    scene.work()
    assert scene.unread(ada) == 1


def test_there_is_room_for_so_many_stories(scene: Telling, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follows, "MOST", 1)
    ada = scene.reader("Ada")
    with scene.database.transaction() as session:
        other = factories.story(session, scene.site)
        follows.put(session, ada.id, scene.story.id, "followed")
        with pytest.raises(Conflict):
            follows.put(session, ada.id, other.id, "followed")
        follows.put(session, ada.id, scene.story.id, "muted")


def test_who_is_picked_is_told_once_and_as_long_as_the_pick_stands(scene: Telling, house: HouseRules) -> None:
    ada = scene.reader("Ada", pick="at_once")
    comment = scene.comment(ada)
    with scene.database.transaction() as session:
        moderator = moderating.identity_of(session, factories.staff(session, MODERATOR, at=scene.site))
        picks.pick(session, moderator, comment.id, house.zone)
        picks.unpick(session, moderator, comment.id)
    assert scene.bell(ada) == []
    with scene.database.transaction() as session:
        picks.pick(session, moderator, comment.id, house.zone)
    assert scene.told(ada) == [(PICK, comment.id)]
    assert scene.bell(ada) == ["An editor has picked your comment on “Tide”."]
    scene.work()
    assert [letter["Subject"] for letter in scene.letters(ada)] == ["An editor has picked your comment"]


def test_a_pick_that_is_taken_back_before_the_letter_leaves_sends_none(scene: Telling, house: HouseRules) -> None:
    ada = scene.reader("Ada", pick="at_once")
    comment = scene.comment(ada)
    with scene.database.transaction() as session:
        moderator = moderating.identity_of(session, factories.staff(session, MODERATOR, at=scene.site))
        picks.pick(session, moderator, comment.id, house.zone)
        picks.unpick(session, moderator, comment.id)
    scene.work()
    assert scene.letters(ada) == []


def test_who_is_told_twice_by_a_job_that_ran_twice_misses_nothing_and_has_nothing_double(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    with scene.database.transaction() as session:
        for reader in (ada, bob):
            follows.put(session, reader.id, scene.story.id, "followed")
    reply = scene.comment(bob, "@Ada?", parent=scene.comment(ada))
    for _ in range(3):
        with scene.database.transaction() as session:
            recipients.tell_of_comment(session, reply.id, UTC, waited=False)
    scene.work()
    with scene.database.reading() as session:
        assert [follows.listed(session, reader.id)[0].new for reader in (ada, bob)] == [1, 1]
    assert scene.told(ada) == [(REPLY, reply.id)]
