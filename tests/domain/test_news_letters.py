"""Letters about what the bell tells: when they leave, what they say, and what keeps them from leaving."""

import dataclasses
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine

from app import clock
from app.accounts import erasure, mutes
from app.db import Database
from app.errors import Malformed
from app.models import Account, Comment, Follow, Letter, Notification, Story
from app.models.comment import HELD, PUBLISHED, REMOVED
from app.models.letter import NEWS
from app.models.letter_choice import CHOICES, FOLLOW
from app.models.notification import MENTION, REPLY, REPORT
from app.models.report import DISMISSED, UPHELD
from app.models.sanction import BAN
from app.notifications import bell, choices, follows, news_letters, recipients, sentences, unsubscribing
from app.notifications.sentences import Line
from app.stories import publication
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories
from tests.support.assembled import assembled
from tests.support.telling import Telling, telling

NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def scene(database: Database, settings: Settings, house: HouseRules) -> Telling:
    here = HouseRules(house.at({}), house.address, BERLIN)
    return telling(assembled(dataclasses.replace(settings, time_zone="Europe/Berlin"), here, database))


def said(scene: Telling, reader: Account) -> list[str]:
    return [letter.get_content() for letter in scene.letters(reader)]


def ban(scene: Telling, account: Account) -> None:
    with scene.database.transaction() as session:
        factories.sanction(session, session.get_one(Account, account.id), BAN, at=scene.site)


def test_an_answer_is_written_of_at_once_and_quotes_nobody(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob the Builder")
    reply = scene.comment(bob, "You are wrong about the crane.", parent=scene.comment(ada))
    scene.work()
    (letter,) = scene.letters(ada)
    assert letter["Subject"] == "Somebody has answered you"
    text = letter.get_content()
    assert f"A reply to you on “Tide”:\nhttp://127.0.0.1:8000/comments/{reply.id}" in text
    assert "crane" not in text
    assert "Bob" not in text
    assert scene.letters(bob) == []


def test_what_comes_within_minutes_is_one_letter(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    parent = scene.comment(ada)
    with time_machine.travel(NOON, tick=False) as at:
        scene.comment(bob, parent=parent)
        scene.work()
        for minute in (1, 2, 3):
            at.move_to(NOON + timedelta(minutes=minute))
            scene.comment(bob, parent=parent)
            scene.work()
        assert len(scene.letters(ada)) == 1
        at.move_to(NOON + news_letters.BETWEEN_LETTERS + timedelta(minutes=1))
        scene.work()
    first, second = said(scene, ada)
    assert "A reply to you" in first
    assert "3 replies to you" in second


def test_of_several_at_once_a_letter_says_several_whatever_it_is_about() -> None:
    tide = Story(title="Tide")
    for kind in CHOICES:
        for story, outcome in ((tide, None), (tide, UPHELD), (tide, DISMISSED), (None, UPHELD), (None, DISMISSED)):
            if story is None and kind != REPORT:
                continue
            one, two = (Line(kind, count, story, 1, outcome) for count in (1, 2))
            assert sentences.subject([one]) != sentences.subject([two]), kind
            assert sentences.worded(one, "") != sentences.worded(two, ""), kind
            assert "%(" not in sentences.worded(two, "")
    assert sentences.subject([Line(MENTION, 2, tide)]) == "You have been mentioned several times"


@pytest.mark.parametrize(
    "due",
    [
        datetime(2026, 3, 29, 5, tzinfo=UTC),  # in Berlin at seven, which is an hour earlier than the day before
        datetime(2026, 10, 25, 6, tzinfo=UTC),  # and an hour later
    ],
)
def test_a_digest_comes_in_the_morning_also_when_the_clocks_change(scene: Telling, due: datetime) -> None:
    ada, bob = scene.reader("Ada", reply="daily"), scene.reader("Bob")
    with time_machine.travel(due - timedelta(hours=18), tick=False) as at:
        parent = scene.comment(ada)
        scene.comment(bob, parent=parent)
        # the hour in which the clocks are turned, before and after
        for hours in (5.5, 4.5, 3.5):
            at.move_to(due - timedelta(hours=hours))
            scene.comment(bob, parent=parent)
            scene.work()
        at.move_to(due - timedelta(minutes=1))
        scene.work()
        assert said(scene, ada) == []
        at.move_to(due + timedelta(seconds=1))
        scene.work()
        (text,) = said(scene, ada)
        assert "4 replies to you" in text
        scene.comment(bob, parent=parent)
        for minutes, letters in ((-1, 1), (1, 2), (60, 2)):
            at.move_to(due + timedelta(days=1, minutes=minutes))
            scene.work()
            assert len(said(scene, ada)) == letters


def test_who_wants_no_letters_has_none_and_the_bell_still_tells(scene: Telling) -> None:
    ada, bob = scene.reader("Ada", reply="never"), scene.reader("Bob")
    scene.comment(bob, parent=scene.comment(ada))
    scene.work()
    assert (scene.letters(ada), scene.unread(ada)) == ([], 1)


def test_what_was_read_meanwhile_is_not_written_of(scene: Telling) -> None:
    ada, bob = scene.reader("Ada", reply="daily"), scene.reader("Bob")
    with time_machine.travel(NOON, tick=False) as at:
        scene.comment(bob, parent=scene.comment(ada))
        scene.work()
        with scene.database.transaction() as session:
            bell.read(session, ada.id)
        at.move_to(NOON + timedelta(days=2))
        scene.work()
    assert scene.letters(ada) == []


@pytest.mark.parametrize("when", ["before it is written", "before it leaves"])
@pytest.mark.parametrize("what", ["removed", "banned", "read", "muted"])
def test_a_comment_removed_or_whose_author_is_banned_before_the_letter_leaves_sends_none(
    scene: Telling, when: str, what: str
) -> None:
    ada, bob = scene.reader("Ada", follow="at_once"), scene.reader("Bob")
    with scene.database.transaction() as session:
        follows.put(session, ada.id, scene.story.id, "followed")
    reply = scene.comment(bob, parent=scene.comment(ada))
    with scene.database.transaction() as session:
        recipients.tell_of_comment(session, reply.id, BERLIN, waited=False)
        recipients.tell_followers(session, reply.id, BERLIN)
        if when == "before it leaves":
            news_letters.write(session, ada.id)
    with scene.database.transaction() as session:
        if what == "removed":
            publication.set_state(session, session.get_one(Comment, reply.id), REMOVED)
        elif what == "read":
            bell.read_of(session, ada.id, [reply.id])
            follows.seen(session, ada.id, scene.story.id)
        elif what == "muted":
            mutes.mute(session, ada.id, bob.id)
    if what == "banned":
        ban(scene, bob)
    scene.work()
    assert scene.letters(ada) == []
    with scene.database.reading() as session:
        assert follows.listed(session, ada.id)[0].new == 0
        assert all(letter.sent_at is not None for letter in session.query(Letter))
        # the next comment is told of at once
        follow = session.get_one(Follow, (ada.id, scene.story.id))
        assert follow.told_count <= follow.seen_count


@pytest.mark.parametrize("when", ["before it is written", "before it leaves"])
def test_what_is_wanted_no_more_is_not_written_of_and_what_comes_later_is(scene: Telling, when: str) -> None:
    ada, bob = scene.reader("Ada", follow="at_once"), scene.reader("Bob")
    with time_machine.travel(NOON, tick=False) as at:
        with scene.database.transaction() as session:
            follows.put(session, ada.id, scene.story.id, "followed")
        parent = scene.comment(ada)
        reply = scene.comment(bob, parent=parent)
        link = unsubscribing.link(scene.it.settings, ada.id, [REPLY, FOLLOW])
        with scene.database.transaction() as session:
            recipients.tell_of_comment(session, reply.id, BERLIN, waited=False)
            recipients.tell_followers(session, reply.id, BERLIN)
            if when == "before it leaves":
                news_letters.write(session, ada.id)
            unsubscribing.end(session, scene.it.settings, parse_qs(urlsplit(link).query)["token"][0])
        scene.work()
        assert (said(scene, ada), scene.unread(ada)) == ([], 2)
        with scene.database.transaction() as session:
            choices.choose(session, ada.id, {REPLY: "at_once", FOLLOW: "at_once"})
        at.move_to(NOON + news_letters.BETWEEN_LETTERS)
        scene.comment(bob, parent=parent)
        scene.work()
    (text,) = said(scene, ada)
    assert "A reply to you" in text
    assert "2 new comments" in text


def test_of_a_story_that_is_muted_meanwhile_no_answer_is_written_but_what_becomes_of_their_own(scene: Telling) -> None:
    ada, bob = scene.reader("Ada", reply="daily", pick="daily"), scene.reader("Bob")
    with time_machine.travel(NOON, tick=False) as at:
        parent = scene.comment(ada)
        scene.comment(bob, parent=parent)
        scene.work()
        with scene.database.transaction() as session:
            comment = session.get_one(Comment, parent.id)
            comment.picked = True
            recipients.tell_of_pick(session, comment, BERLIN)
            follows.put(session, ada.id, scene.story.id, "muted")
        at.move_to(NOON + timedelta(days=1))
        scene.work()
    (text,) = said(scene, ada)
    assert "An editor has picked your comment" in text
    assert "A reply to you" not in text
    assert scene.unread(ada) == 2


def test_of_several_those_that_stand_are_written_of(scene: Telling) -> None:
    ada, bob, cid = scene.reader("Ada"), scene.reader("Bob"), scene.reader("Cid")
    parent = scene.comment(ada)
    scene.comment(bob, parent=parent)
    scene.comment(cid, parent=parent)
    ban(scene, bob)
    scene.work()
    assert "A reply to you" in said(scene, ada)[0]


@pytest.mark.parametrize("why", ["unverified", "refused", "erased"])
def test_whom_letters_do_not_reach_has_none_and_nothing_stays_due(scene: Telling, why: str) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    scene.comment(bob, parent=scene.comment(ada))
    with scene.database.transaction() as session:
        account = session.get_one(Account, ada.id)
        if why == "unverified":
            account.verified_at = None
        elif why == "refused":
            account.mail_refused_at = clock.now()
        else:
            erasure.erase(session, account.id)
    scene.work()
    assert scene.letters(ada) == []
    with scene.database.reading() as session:
        assert session.query(Letter).filter(Letter.kind == NEWS).count() == 0
        assert session.query(Notification).filter(Notification.due_at.is_not(None)).count() == 0


def test_who_follows_a_story_has_a_digest_of_it(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    with time_machine.travel(NOON, tick=False) as at:
        with scene.database.transaction() as session:
            follows.put(session, ada.id, scene.story.id, "followed")
        for _ in range(4):
            scene.comment(bob)
        scene.work()
        at.move_to(NOON + timedelta(days=1))
        scene.work()
        assert len(said(scene, ada)) == 1
        assert "4 new comments on “Tide”:\nhttp://127.0.0.1:8000/stories/" in said(scene, ada)[0]
        scene.comment(bob)
        scene.work()
        at.move_to(NOON + timedelta(days=2))
        scene.work()
        assert "A new comment on “Tide”" in said(scene, ada)[1]
        at.move_to(NOON + timedelta(days=3))
        scene.work()
    assert len(said(scene, ada)) == 2


def test_of_a_followed_story_what_stands_is_counted_and_once(scene: Telling) -> None:
    ada, bob, cid, dan = (scene.reader(name) for name in ("Ada", "Bob", "Cid", "Dan"))

    def count() -> int:
        with scene.database.reading() as session:
            return follows.listed(session, ada.id)[0].new

    with time_machine.travel(NOON, tick=False) as at:
        seen = scene.comment(bob)
        with scene.database.transaction() as session:
            follows.put(session, ada.id, scene.story.id, "followed")
            mutes.mute(session, ada.id, dan.id)
        held = scene.comment(bob, state=HELD)
        there, gone, *_ = [scene.comment(by) for by in (bob, bob, ada, cid, dan)]
        ban(scene, cid)
        for comment, states in (
            (seen, [REMOVED, PUBLISHED]),
            (held, [PUBLISHED]),
            (there, [REMOVED, PUBLISHED, REMOVED, PUBLISHED]),
            (gone, [REMOVED]),
        ):
            for state in states:
                with scene.database.transaction() as session:
                    publication.set_state(session, session.get_one(Comment, comment.id), state)
        assert (count(), scene.unread(ada)) == (2, 1)
        scene.work()
        at.move_to(NOON + timedelta(days=1))
        scene.work()
        (text,) = said(scene, ada)
        assert "2 new comments on “Tide”" in text
        # who was written to and has not looked writes there themselves
        scene.comment(ada)
        at.move_to(NOON + timedelta(days=2))
        scene.work()
        assert (len(said(scene, ada)), count()) == (1, 2)
        with scene.database.transaction() as session:
            publication.set_state(session, session.get_one(Comment, gone.id), PUBLISHED)
        scene.comment(bob)
        scene.work()
        at.move_to(NOON + timedelta(days=3))
        scene.work()
    assert "A new comment on “Tide”" in said(scene, ada)[1]
    assert count() == 4


def test_at_once_is_one_letter_until_they_have_looked(scene: Telling) -> None:
    ada, bob = scene.reader("Ada", follow="at_once"), scene.reader("Bob")
    with time_machine.travel(NOON, tick=False) as at:
        with scene.database.transaction() as session:
            follows.put(session, ada.id, scene.story.id, "followed")
        for hour in range(3):
            at.move_to(NOON + timedelta(hours=hour))
            scene.comment(bob)
            scene.work()
        assert len(said(scene, ada)) == 1
        with scene.database.transaction() as session:
            follows.seen(session, ada.id, scene.story.id)
        at.move_to(NOON + timedelta(hours=5))
        scene.comment(bob)
        scene.work()
    assert len(said(scene, ada)) == 2
    assert "A new comment" in said(scene, ada)[1]


def test_who_follows_no_more_has_no_letter(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    with time_machine.travel(NOON, tick=False) as at:
        with scene.database.transaction() as session:
            follows.put(session, ada.id, scene.story.id, "followed")
        scene.comment(bob)
        scene.work()
        with scene.database.transaction() as session:
            follows.drop(session, ada.id, scene.story.id)
        at.move_to(NOON + timedelta(days=1))
        scene.work()
    assert scene.letters(ada) == []


def test_a_letter_ends_by_one_click_what_it_is_about(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    scene.comment(bob, parent=scene.comment(ada))
    scene.work()
    (letter,) = scene.letters(ada)
    address = letter["List-Unsubscribe"].strip("<>")
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in letter.get_content()
    token = parse_qs(urlsplit(address).query)["token"][0]
    assert unsubscribing.kinds_of(scene.it.settings, token) == (ada.id, [REPLY])
    with scene.database.transaction() as session:
        unsubscribing.end(session, scene.it.settings, token)
        assert choices.of(session, ada.id) == choices.USUAL | {REPLY: "never"}


def test_a_link_outlives_a_change_of_the_secret_and_nobody_makes_one_up(scene: Telling) -> None:
    settings = scene.it.settings
    link = unsubscribing.link(settings, 77, [REPLY])
    token = parse_qs(urlsplit(link).query)["token"][0]
    renewed = dataclasses.replace(settings, secret_key=f"{'n' * 40},{settings.secret_key}")
    assert unsubscribing.kinds_of(renewed, token) == (77, [REPLY])
    for forged in ("", "x", token[:-2], f"A{token}", "\0", "ä" * 2000):
        with pytest.raises(Malformed):
            unsubscribing.kinds_of(settings, forged)


def test_a_story_without_a_title_is_called_by_its_address(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    with scene.database.transaction() as session:
        session.get_one(type(scene.story), scene.story.id).title = ""
    scene.comment(bob, parent=scene.comment(ada))
    scene.work()
    assert f"“{scene.story.url.removeprefix('https://')}”" in said(scene, ada)[0]


def test_whoever_is_called_to_a_comment_lands_under_the_article_that_carries_it(scene: Telling) -> None:
    ada, bob = scene.reader("Ada"), scene.reader("Bob")
    with scene.database.transaction() as session:
        session.get_one(type(scene.story), scene.story.id).embedded = True
    reply = scene.comment(bob, parent=scene.comment(ada))
    scene.work()
    assert f"{scene.story.url}#comment-{reply.id}\n" in said(scene, ada)[0]
