"""The demo's history, told for real on the database that it has: everybody and everything that it promises is there."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from app import clock
from app.accounts import emails, standing
from app.accounts.old_bans import OLD_BAN
from app.accounts.standing import GOOD
from app.billing import facts
from app.billing.entitlement import Entitlement, Reason
from app.demo import gazette, newspaper, seed
from app.demo.gazette import create_gazette
from app.kinds import KINDS
from app.models import (
    Account,
    Comment,
    Customer,
    Item,
    Job,
    Letter,
    Reaction,
    Report,
    Role,
    Sanction,
    Story,
    Subscription,
    Termination,
)
from app.models.account import MATCH, MISMATCH
from app.models.comment import PUBLISHED
from app.models.item import OPEN
from app.models.job import DEAD
from app.models.sanction import BAN, SUSPENSION, WARNING
from app.models.termination import PROPOSED
from app.review_queue import listing
from app.stories import sites
from tests.support.assembled import assembled
from tests.support.demo_newspaper import DemoNewspaper

PAPER = newspaper.load()


class Told(DemoNewspaper):
    """The demo's newspaper, asked for what it promises."""

    def seed_again(self, heard: list[str]) -> None:
        seed.seed(assembled(self.settings, self.house, self.database), heard.append)

    def account(self, email: str) -> Account:
        with self.database.reading() as session:
            return session.scalars(select(Account).where(Account.email == email)).one()

    def entitlement(self, email: str) -> Entitlement:
        with self.database.reading() as session:
            site = sites.by_key(self.database, None)
            return facts.entitlement(session, self.account(email).id, site, clock.now(), self.house.at({}))

    def standing(self, email: str) -> standing.Standing:
        with self.database.reading() as session:
            return standing.read(session, self.account(email).id)


@pytest.fixture
def told(demo_newspaper: DemoNewspaper) -> Told:
    return Told(demo_newspaper.database, demo_newspaper.settings, demo_newspaper.house)


def test_five_stories_are_there_and_everyone_who_was_written(told: Told) -> None:
    counts = told.counts()
    assert counts["stories"] == 5
    assert counts["accounts"] == len(PAPER.readers) >= 40
    assert counts["comments"] == sum(len(story.comments) for story in PAPER.stories) >= 120


@pytest.mark.parametrize(
    ("email", "allowed", "reason"),
    [
        ("subscriber@example.com", True, Reason.ACTIVE),
        ("cancelled@example.com", True, Reason.ACTIVE),
        ("grace@example.com", True, Reason.PAST_DUE_GRACE),
        ("pastdue@example.com", False, Reason.PAST_DUE),
        ("lapsed@example.com", False, Reason.ENDED),
        ("trial@example.com", False, Reason.TRIAL),
        ("returned@example.com", False, Reason.IDENTITY_REVIEW),
        ("refunded@example.com", False, Reason.REFUNDED),
        ("disputed@example.com", False, Reason.DISPUTE),
        ("paused@example.com", True, Reason.COLLECTION_PAUSED),
        ("claimed@example.com", True, Reason.ACTIVE),
        ("claim@example.com", False, Reason.NO_SUBSCRIPTION),
        ("contested@example.com", False, Reason.NO_SUBSCRIPTION),
        ("reader@example.com", False, Reason.NO_SUBSCRIPTION),
        ("guest@example.com", True, Reason.GRANT),
        ("suspended@example.com", True, Reason.ACTIVE),
        ("banned@example.com", False, Reason.BANNED),
    ],
)
def test_every_state_of_a_subscription_is_there(told: Told, email: str, allowed: bool, reason: Reason) -> None:
    found = told.entitlement(email)
    assert (found.allowed, found.reason) == (allowed, reason)


@pytest.mark.parametrize(
    ("email", "kind", "source"),
    [
        ("subscriber@example.com", GOOD, None),
        ("warned@example.com", WARNING, "moderator"),
        ("acknowledged@example.com", GOOD, "moderator"),
        ("suspended@example.com", SUSPENSION, "moderator"),
        ("machine@example.com", SUSPENSION, "machine"),
        ("banned@example.com", BAN, "moderator"),
    ],
)
def test_every_standing_is_there(told: Told, email: str, kind: str, source: str | None) -> None:
    assert told.standing(email).kind == kind
    with told.database.reading() as session:
        mine = select(Sanction.source).where(Sanction.account_id == told.account(email).id).order_by(Sanction.id.desc())
        assert session.scalars(mine.limit(1)).first() == source


def test_one_reader_has_not_confirmed_their_address(told: Told) -> None:
    assert told.account("unverified@example.com").verified_at is None


@pytest.mark.parametrize("role", ["moderator", "editor", "administrator"])
def test_each_role_is_held(told: Told, role: str) -> None:
    with told.database.reading() as session:
        held = session.scalars(select(Role.role).where(Role.account_id == told.account(f"{role}@example.com").id))
        assert held.all() == [role]


def test_every_comment_became_what_the_story_says(told: Told) -> None:
    expected = {remark.text.strip(): remark.state for story in PAPER.stories for remark in story.comments}
    assert {"published", "held", "withheld", "removed"} <= set(expected.values())
    with told.database.reading() as session:
        found = {comment.text: comment.state for comment in session.scalars(select(Comment))}
    assert found == expected


def test_conversations_are_six_deep_and_spread_over_three_weeks(told: Told) -> None:
    with told.database.reading() as session:
        deepest, first, last = session.execute(
            select(func.max(Comment.depth), func.min(Comment.created_at), func.max(Comment.created_at))
        ).one()
    assert deepest == 6
    assert 18 < (last - first).days < 22


def test_the_queue_has_reported_held_and_severe_comments_the_worst_first(told: Told) -> None:
    with told.database.reading() as session:
        rows = listing.slice_after(session, [sites.by_key(told.database, None).id]).rows
        open_items = session.scalars(select(Item).where(Item.state == OPEN)).all()
    assert [row.item.id for row in rows] == [
        item.id for item in sorted(open_items, key=lambda item: (-item.priority, item.id))
    ]
    reasons = Counter(reason for row in rows for reason in row.item.reasons)
    assert {"report", "hold", "severe", "premoderated"} <= set(reasons)
    # the database takes any kind
    # of a history that was brought in alone
    assert {row.item.kind for row in rows} == {kind.name for kind in KINDS} - {OLD_BAN}


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("possible_return", "Derek Sandys"),
        ("claimed_twice", "Percy Lowe"),
        ("lost_dispute", "Vernon Blythe"),
        ("termination", "Dirk Sandover"),
        ("name_mismatch", "Gwil Pritchard"),
    ],
)
def test_the_queue_asks_about_who_pays(told: Told, question: str, name: str) -> None:
    with told.database.reading() as session:
        rows = listing.slice_after(session, [sites.by_key(told.database, None).id], kind="payment").rows
    assert [row.account.name for row in rows if row.question == question and row.account] == [name]


def test_the_end_of_the_banned_readers_subscription_waits_for_a_second_moderator(told: Told) -> None:
    with told.database.reading() as session:
        (proposed,) = session.scalars(select(Termination))
        proposer = session.get_one(Account, proposed.proposed_by)
        moderators = select(Role.account_id).where(Role.role == "moderator", Role.account_id != proposer.id)
        assert session.scalars(moderators).all() == [told.account("moderator2@example.com").id]
    assert (proposed.state, proposer.email) == (PROPOSED, "moderator@example.com")


def test_subscribers_of_old_wait_at_stripe_to_be_claimed(told: Told) -> None:
    unclaimed = {customer.email for customer in PAPER.customers if not customer.linked_by}
    tokens = {emails.token(told.settings, email) for email in unclaimed}
    with told.database.reading() as session:
        orphans = select(Customer).where(Customer.account_id.is_(None))
        assert {customer.email_token for customer in session.scalars(orphans)} == tokens
        living = select(func.count()).select_from(Subscription).where(Subscription.account_id.is_(None))
        assert session.scalar(living) == len(unclaimed)


def test_who_pays_under_their_own_name_has_the_badge(told: Told) -> None:
    checked = {
        reader.address: MISMATCH if reader.pays_as else MATCH
        for reader in PAPER.readers
        if reader.subscription not in (None, "trial")
    }
    with told.database.reading() as session:
        found = session.execute(select(Account.email, Account.name_check).where(Account.email.in_(checked)))
        assert dict(found.all()) == checked


def test_counts_equal_a_recount(told: Told) -> None:
    with told.database.reading() as session:
        comments = session.scalars(select(Comment)).all()
        reported = Counter(session.scalars(select(Report.subject_id)))
        respected = Counter(session.scalars(select(Reaction.comment_id)))
        published = [comment for comment in comments if comment.state == PUBLISHED]
        under = Counter(comment.story_id for comment in published)
        answered = Counter(comment.parent_id for comment in published)
        discussed = Counter(comment.root_id for comment in published if comment.parent_id is not None)
        for comment in comments:
            assert comment.report_count == reported[comment.id]
            assert comment.respect_count == respected[comment.id]
            assert comment.reply_count == answered[comment.id]
            assert comment.conversation_count == discussed[comment.id]
        for story in session.scalars(select(Story)):
            assert story.comment_count == under[story.id]
        assert len(respected) > 100


def test_nothing_is_left_undone_or_given_up(told: Told) -> None:
    with told.database.reading() as session:
        assert session.scalars(select(Job.kind).where(Job.state == DEAD)).all() == []
        assert session.scalars(select(Letter.kind).where(Letter.sent_at.is_(None))).all() == []


def test_the_printed_log_ins_exist(told: Told) -> None:
    for _label, email, what in seed.log_ins():
        assert told.account(email).email == email
        assert what


def test_each_story_is_an_article_that_carries_its_comments(told: Told) -> None:
    reader = create_gazette(told.settings, told.database, told.house).test_client()
    assert reader.get("/").text.count("<btl-count ") == 5
    with told.database.reading() as session:
        stories = session.scalars(select(Story)).all()
    for story in stories:
        page = reader.get(story.url.removeprefix(gazette.address(told.settings)))
        assert f'<btl-comments story="{story.key}" url="{story.url}"' in page.text
        assert f'<a href="{told.settings.public_url}/stories/by-key/{story.key}">Comments</a>' in page.text
        assert f"script-src {told.settings.public_url};" in page.headers["Content-Security-Policy"]
    assert reader.get("/2026/no/such-story").status_code == 404


def test_a_second_seed_changes_nothing(told: Told) -> None:
    before, heard = told.counts(), list[str]()
    told.seed_again(heard)
    assert (told.counts(), heard) == (before, [])
