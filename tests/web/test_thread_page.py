"""GET /stories/<id>, /comments/<id> and / as people see them, without a script"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from app import clock, formats
from app.db import Database
from app.models import Account, Comment, Site, Story
from app.models.comment import DELETED, HELD, PUBLISHED, REMOVED, WITHHELD
from app.models.role import MODERATOR
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.models.story import CLOSED, PREMODERATED
from app.moderation import decisions
from app.moderation.decisions import Intent
from app.stories import publication
from app.threads.slices import FIRST_REPLIES, SLICE_ROOTS
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.applications import application
from tests.support.assembled import assembled
from tests.support.callers import Browser
from tests.support.sql import counted

Open = Callable[[Account | None], Browser]
COMPOSER = '<textarea id="text"'


@pytest.fixture
def story(database: Database, site: Site) -> Story:
    with database.transaction() as session:
        return factories.story(session, site)


def test_nobody_writes_without_an_account_and_is_led_to_sign_in_and_back(browser: Open, story: Story) -> None:
    page = browser(None).get(f"/stories/{story.id}").text
    assert COMPOSER not in page
    assert f'href="/sign-in?next=/stories/{story.id}"' in page


PAYING = ("past_due", "unpaid", "paused", "canceled", "trialing")


@pytest.mark.parametrize(
    ("who", "step"),
    [
        ("unverified", 'action="/account/verification"'),
        ("has not accepted the rules", 'action="/rules"'),
        ("never subscribed", '">Subscribe</a>'),
        ("past_due", '">Put the payment right</a>'),
        ("unpaid", '">Put the payment right</a>'),
        ("paused", '">Resume your subscription</a>'),
        ("canceled", '">Subscribe</a>'),
        ("trialing", "Comments open with the first payment, after the trial."),
        (WARNING, '">Read the warning</a>'),
        (SUSPENSION, 'href="/account">Reasons and appeal</a>'),
        (BAN, 'href="/account">Reasons and appeal</a>'),
    ],
)
def test_who_may_not_write_is_told_why_and_given_the_step_that_changes_it(
    database: Database, browser: Open, site: Site, story: Story, who: str, step: str
) -> None:
    with database.transaction() as session:
        factories.comment(session, story, factories.subscriber(session, "Ada"))
        if who in PAYING:
            reader = factories.subscriber(session, status=who)
        elif who == "never subscribed":
            reader = factories.account(session)
        else:
            reader = factories.subscriber(session)
        if who == "unverified":
            reader.verified_at = None
        elif who == "has not accepted the rules":
            reader.rules_version = None
        elif who in (WARNING, SUSPENSION, BAN):
            factories.sanction(session, reader, who, at=site)
    page = browser(reader).get(f"/stories/{story.id}").text
    assert COMPOSER not in page
    assert step in page
    assert "Post reply" not in page


def test_a_subscriber_writes_replies_respects_and_reports(database: Database, browser: Open, story: Story) -> None:
    with database.transaction() as session:
        comment = factories.comment(session, story, factories.subscriber(session, "Ada"), "a *thought*")
        reader = factories.subscriber(session)
    page = browser(reader).get(f"/stories/{story.id}").text
    for part in (
        COMPOSER,
        "a <em>thought</em>",
        f'<input type="hidden" name="parent" value="{comment.id}">',
        f'action="/comments/{comment.id}/respect"',
        f'href="/comments/{comment.id}/report"',
    ):
        assert part in page
    assert f"/comments/{comment.id}/edit" not in page


def test_respect_is_explained_once_where_it_is_met(database: Database, browser: Open, story: Story) -> None:
    explained = "“Respect” says that something is well argued, whether one agrees or not."
    with database.transaction() as session:
        reader = factories.subscriber(session)
        comments = [factories.comment(session, story, factories.account(session)) for _ in range(2)]
    path = f"/stories/{story.id}"
    assert browser(reader).get(path).text.count(explained) == 1
    assert explained not in browser(None).get(path).text
    with database.transaction() as session:
        session.get_one(Comment, comments[0].id).respect_count = 3
    assert browser(None).get(path).text.count(explained) == 1


def test_an_author_edits_and_takes_back_and_cannot_respect_or_report_themselves(
    database: Database, browser: Open, story: Story, house: HouseRules
) -> None:
    with database.transaction() as session:
        reader = factories.subscriber(session)
        comment = factories.comment(session, story, reader)
    page = browser(reader).get(f"/stories/{story.id}").text
    assert f'href="/comments/{comment.id}/edit"' in page
    until = comment.created_at + timedelta(minutes=house.at({}).limits.edit_minutes)
    assert f">{formats.moment_and_zone(until)}</time>" in page.partition(f"/comments/{comment.id}/edit")[2]
    assert f'action="/comments/{comment.id}/delete"' in page
    assert f"/comments/{comment.id}/respect" not in page
    assert f"/comments/{comment.id}/report" not in page


@pytest.mark.parametrize("state", [CLOSED, PREMODERATED])
def test_the_state_of_the_story_is_said(database: Database, browser: Open, site: Site, state: str) -> None:
    with database.transaction() as session:
        story = factories.story(session, site, state=state)
        reader = factories.subscriber(session)
    page = browser(reader).get(f"/stories/{story.id}").text
    assert (COMPOSER in page) == (state == PREMODERATED)
    assert ("Closed for comments" if state == CLOSED else "before they appear") in page


@pytest.mark.parametrize("state", [HELD, WITHHELD])
def test_a_waiting_comment_is_shown_to_its_author_alone(
    database: Database, browser: Open, story: Story, state: str
) -> None:
    with database.transaction() as session:
        author, other = factories.subscriber(session), factories.subscriber(session)
        comment = factories.comment(session, story, author, "waiting words", state=state)
    for path in (f"/stories/{story.id}", f"/comments/{comment.id}"):
        page = browser(author).get(path).text
        assert "waiting words" in page
        assert "Only you see this" in page
        for somebody in (other, None):
            assert "waiting words" not in browser(somebody).get(path).text
    answer = browser(other).get(f"/comments/{comment.id}")
    assert answer.status_code == 404
    assert "This comment is not to be read here" in answer.text
    assert f'<a href="/stories/{story.id}">0 comments on this story' in answer.text.replace("All 0", "0")


def test_what_a_moderator_removed_names_the_rule(
    database: Database, browser: Open, client: FlaskClient, house: HouseRules, story: Story
) -> None:
    with database.transaction() as session:
        removed = factories.comment(session, story, factories.subscriber(session))
        factories.comment(session, story, factories.subscriber(session), parent=removed)
        item = moderating.ask(session, house, removed)
        decisions.decide(
            session, house, moderating.moderator(session), Intent(item.id, item.revision, "remove", "hate", "Because.")
        )
    assert "Removed by a moderator: No hatred" in browser(None).get(f"/stories/{story.id}").text
    (tombstone,) = client.get(f"/api/v1/stories/{story.key}/comments").get_json()["comments"]
    assert (tombstone["rule"], tombstone["html"], tombstone["tree"]) == ("hate", None, None)


def test_a_tombstone_says_what_happened_and_shows_nothing_of_it(
    database: Database, browser: Open, story: Story
) -> None:
    with database.transaction() as session:
        comment = factories.comment(session, story, factories.account(session, "Ada"), "removed words")
        factories.comment(session, story, factories.account(session), "a reply", parent=comment)
        publication.set_state(session, comment, REMOVED)
    for path in (f"/stories/{story.id}", f"/comments/{comment.id}"):
        page = browser(None).get(path).text
        assert "Removed by a moderator" in page
        assert "a reply" in page
        assert "removed words" not in page
        assert "Ada" not in page


def test_a_permalink_shows_the_comment_in_its_conversation(database: Database, browser: Open, story: Story) -> None:
    with database.transaction() as session:
        root = factories.comment(session, story, factories.account(session), "the root")
        reply = factories.comment(session, story, factories.account(session), "the reply", parent=root)
    page = browser(None).get(f"/comments/{reply.id}").text.partition("<main")[2]
    assert page.index("the root") < page.index(f'id="c{reply.id}"') < page.index("the reply")
    assert page.count('aria-current="true"') == 1


def test_replies_are_folded_where_they_are_many_and_none_is_ones_own(
    database: Database, browser: Open, story: Story
) -> None:
    with database.transaction() as session:
        author, reader = factories.subscriber(session), factories.subscriber(session)
        root = factories.comment(session, story, author)
        reply = factories.comment(session, story, author, parent=factories.comment(session, story, author, parent=root))

    def folds(who: Account | None, path: str) -> list[str]:
        return re.findall(r'<details class="fold"[^>]*>', browser(who).get(path).text)

    is_open, is_folded = ['<details class="fold" open>'], ['<details class="fold">']
    path = f"/stories/{story.id}"
    assert folds(None, path) == is_open
    with database.transaction() as session:
        factories.comment(session, story, author, parent=reply)
    assert folds(None, path) == folds(reader, path) == is_folded
    assert folds(author, path) == folds(None, f"/comments/{reply.id}") == is_open
    assert folds(None, f"/comments/{root.id}/replies") == []


def test_pages_and_long_conversations_are_walked_by_links(database: Database, browser: Open, story: Story) -> None:
    with database.transaction() as session:
        author = factories.account(session)
        times = [clock.now() + timedelta(seconds=number) for number in range(SLICE_ROOTS + 1)]
        roots = [factories.comment(session, story, author, f"root {n}.", at=at) for n, at in enumerate(times)]
        for number in range(FIRST_REPLIES + 1):
            factories.comment(session, story, author, f"reply {number}.", parent=roots[-1])
    reader = browser(None)
    first = reader.get(f"/stories/{story.id}").text
    assert "root 0." not in first
    assert "root 0." in reader.get(f"/stories/{story.id}?sort=newest&cursor={roots[1].id}").text
    assert f"/stories/{story.id}?sort=newest&amp;cursor={roots[1].id}" in first
    more = f"/comments/{roots[-1].id}/replies?cursor={FIRST_REPLIES}"
    assert more in first
    assert f"reply {FIRST_REPLIES}." not in first
    assert f"reply {FIRST_REPLIES}." in reader.get(more).text


def test_no_link_leads_to_replies_that_are_gone(database: Database, browser: Open, story: Story) -> None:
    with database.transaction() as session:
        author = factories.account(session)
        root = factories.comment(session, story, author)
        replies = [factories.comment(session, story, author, parent=root) for _ in range(FIRST_REPLIES + 3)]
        for reply in replies[FIRST_REPLIES:]:
            publication.set_state(session, reply, DELETED)
    for path in (f"/stories/{story.id}", f"/comments/{root.id}"):
        assert f"/comments/{root.id}/replies" not in browser(None).get(path).text
    with database.transaction() as session:
        publication.set_state(session, session.get_one(Comment, replies[-1].id), PUBLISHED)
    for path in (f"/stories/{story.id}", f"/comments/{root.id}"):
        assert f"/comments/{root.id}/replies?cursor={FIRST_REPLIES}" in browser(None).get(path).text


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(hours=2, minutes=10), "2 hours ago"),
        (timedelta(days=6, hours=23), "6 days ago"),
        (timedelta(days=8), "8 days ago"),
    ],
)
def test_a_reader_is_told_day_and_time_in_the_zone_of_the_paper_and_has_how_long_ago_to_hand(
    database: Database, settings: Settings, house: HouseRules, story: Story, passed: timedelta, words: str
) -> None:
    at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    with database.transaction() as session:
        factories.comment(session, story, factories.account(session), at=at)
    berlin = replace(house, zone=ZoneInfo("Europe/Berlin"))
    client = application(assembled(settings, berlin, database), "in process").test_client()
    with clock.pretend(at + passed):
        page = client.get(f"/stories/{story.id}").text
    assert f'<time datetime="2026-07-01T22:30:00+00:00" title="{words}">2 Jul 2026, 00:30 CEST</time>' in page


def test_it_takes_at_most_seven_statements_for_anybody(database: Database, browser: Open, story: Story) -> None:
    with database.transaction() as session:
        parent: Comment | None = None
        for _ in range(20):
            parent = factories.comment(session, story, factories.account(session), parent=parent)
        reader = factories.subscriber(session)
        factories.comment(session, story, reader, state=HELD)
        others = (factories.account(session), factories.staff(session, MODERATOR))
    for who in (None, reader, *others):
        page = browser(who)
        page.get(f"/stories/{story.id}")
        with counted(database) as statements:
            assert page.get(f"/stories/{story.id}").status_code == 200
        assert len(statements) <= 7


@pytest.mark.parametrize("path", ["/stories/1", "/stories/x", "/comments/1", "/comments/x", "/comments/1/replies"])
def test_what_is_not_there_is_not_found(database: Database, browser: Open, path: str) -> None:
    assert browser(None).get(path).status_code == 404


def test_the_front_page_leads_with_what_is_talked_about_and_its_best_comment(
    database: Database, browser: Open, site: Site, story: Story
) -> None:
    assert story.title in browser(None).get("/").text
    with database.transaction() as session:
        factories.comment(session, story, factories.account(session, "Ada"), "the best of it").respect_count = 3
        factories.comment(session, story, factories.account(session), "not that").respect_count = 1
        newer = factories.story(session, site)
    page = browser(None).get("/").text
    assert page.index(story.title) < page.index(newer.title)
    assert "the best of it" in page
    assert "not that" not in page


def test_who_accepts_the_rules_on_the_page_comes_back_to_it_and_may_write(
    database: Database, browser: Open, story: Story
) -> None:
    with database.transaction() as session:
        reader = factories.subscriber(session)
        reader.rules_version = None
    page = browser(reader)
    here = f"/stories/{story.id}"
    answer = page.post("/rules", {"rules_version": factories.RULES_VERSION, "next": here})
    assert (answer.status_code, answer.location) == (303, here)
    assert COMPOSER in page.get(here).text
    assert "You have accepted these rules" in page.get("/rules").text
