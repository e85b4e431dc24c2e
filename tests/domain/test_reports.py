"""What a report does to the comment, to the queue, and to what its author may still report."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.db import Database
from app.errors import TooMany
from app.models import Account, Comment, Item, Report, Story
from app.models.report import DISMISSED, UPHELD
from app.moderation import reports
from app.moderation.reports import Complaint, Reporting
from config.policy import HouseRules
from tests.support import factories


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


@pytest.fixture
def story(session: Session) -> Story:
    return factories.story(session, factories.site(session))


@pytest.fixture
def comment(session: Session, story: Story) -> Comment:
    return factories.comment(session, story, factories.account(session))


def _report(session: Session, house: HouseRules, reader: Account, comment: Comment, rule: str = "respect") -> None:
    reports.report_comment(session, house, reader.id, comment.id, Complaint(rule))


def test_reports_of_a_comment_meet_in_one_item_and_are_counted(
    session: Session, house: HouseRules, comment: Comment
) -> None:
    for rule in ("respect", "hate", "threat"):
        _report(session, house, factories.account(session), comment, rule)
    item = session.scalars(select(Item)).one()
    assert (comment.report_count, item.report_count, item.revision) == (3, 3, 3)
    assert (item.reasons, item.priority) == (["report"], 2.0 + 4.0 + 5.0)
    assert {report.item_id for report in session.scalars(select(Report))} == {item.id}


def test_a_report_names_the_revision_that_was_seen(session: Session, house: HouseRules, comment: Comment) -> None:
    comment.revision = 3
    reports.report_comment(session, house, factories.account(session).id, comment.id, Complaint("topic", "Spam", 2))
    report = session.scalars(select(Report)).one()
    assert (report.revision, report.note) == (2, "Spam")


def test_a_second_report_changes_nothing_even_once_the_comment_is_removed(
    session: Session, house: HouseRules, comment: Comment
) -> None:
    reader = factories.account(session)
    _report(session, house, reader, comment)
    comment.state = "removed"
    session.flush()
    _report(session, house, reader, comment)
    item = session.scalars(select(Item)).one()
    assert (comment.report_count, item.report_count, item.revision) == (1, 1, 1)


def test_a_report_after_a_decision_asks_again(session: Session, house: HouseRules, comment: Comment) -> None:
    _report(session, house, factories.account(session), comment)
    session.scalars(select(Item)).one().state = "closed"
    session.flush()
    _report(session, house, factories.account(session), comment)
    assert sorted(session.scalars(select(Item.state))) == ["closed", "open"]
    assert comment.report_count == 2


def test_reports_are_limited_by_the_hour(session: Session, house: HouseRules, story: Story) -> None:
    reader, author = factories.account(session), factories.account(session)
    comments = [factories.comment(session, story, author) for _ in range(house.at({}).limits.reports_per_hour + 1)]
    long_ago = clock.now() - timedelta(minutes=50)
    with clock.pretend(long_ago):
        for comment in comments[:-1]:
            _report(session, house, reader, comment)
    with pytest.raises(TooMany) as refused:
        _report(session, house, reader, comments[-1])
    wait = refused.value.extra["retry_after"]
    assert isinstance(wait, int)
    assert 590 <= wait <= 601
    _report(session, house, reader, comments[0])  # what was reported already is still answered
    with clock.pretend(clock.now() + timedelta(minutes=11)):
        _report(session, house, reader, comments[-1])


def test_a_site_has_rules_of_its_own(session: Session, house: HouseRules) -> None:
    site = factories.site(session)
    site.policy = {"limits": {"reports_per_hour": 1}}
    story = factories.story(session, site)
    reader, author = factories.account(session), factories.account(session)
    _report(session, house, reader, factories.comment(session, story, author))
    with pytest.raises(TooMany):
        _report(session, house, reader, factories.comment(session, story, author))


def test_a_name_is_judged_where_it_was_seen_last(session: Session, house: HouseRules, comment: Comment) -> None:
    other = factories.site(session)
    factories.comment(session, factories.story(session, other), session.get_one(Account, comment.account_id))
    reports.report_name(session, house, factories.account(session).id, comment.account_id, Complaint("honesty"))
    assert session.scalars(select(Item.site_id)).one() == other.id


@pytest.mark.parametrize(
    ("upheld", "dismissed", "credibility"),
    [(0, 0, 1.0), (8, 0, 1.8), (0, 8, 0.2), (4, 4, 1.0)],
    ids=["newcomer", "always right", "never right", "half the time"],
)
def test_who_was_right_before_weighs_more(upheld: int, dismissed: int, credibility: float) -> None:
    assert Reporting(0, None, upheld, dismissed).credibility == pytest.approx(credibility)


def test_the_record_counts_what_became_of_reports(session: Session, house: HouseRules, story: Story) -> None:
    reader, author = factories.account(session), factories.account(session)
    for outcome in (UPHELD, UPHELD, DISMISSED):
        comment = factories.comment(session, story, author)
        _report(session, house, reader, comment)
        session.scalars(select(Report).where(Report.subject_id == comment.id)).one().outcome = outcome
    session.flush()
    record = reports.reporting_of(session, reader.id)
    assert (record.last_hour, record.upheld, record.dismissed) == (3, 2, 1)
