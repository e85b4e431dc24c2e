"""What is written for the demo: that it can be told at all, before anybody tells it."""

from datetime import UTC, datetime, timedelta

import pytest

from app import toxicity
from app.demo import newspaper
from app.demo.questions import ADOPTED_DAYS_AGO
from app.models.comment import HELD, PUBLISHED, REMOVED, WITHHELD
from app.signals import verdict
from app.text import cleaning
from app.toxicity.scorer import Unavailable
from config import policy as policies
from tests.support.repository import REPOSITORY

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PAPER = newspaper.load()
REMARKS = [(story, *told) for story in PAPER.stories for told in story.told(NOW)]
HOUSE = policies.load(REPOSITORY / "config" / "policy.toml")


def test_everyone_who_acts_is_a_reader_of_the_paper() -> None:
    readers = {reader.key for reader in PAPER.readers}
    for _story, _moment, remark, _answered in REMARKS:
        assert {remark.by, *(report.by for report in remark.reports)} <= readers
        assert remark.decision is None or remark.decision.by in readers


def test_who_proposes_or_claims_is_a_reader_of_the_paper_and_here_by_then() -> None:
    arrived = {reader.key: reader.since for reader in PAPER.readers}
    for reader in PAPER.readers:
        if reader.proposal:
            assert arrived[reader.proposal.by] > reader.proposal.days_ago
    for customer in PAPER.customers:
        for key in customer.linked_by:
            assert arrived[key] > customer.linked_days_ago
            assert customer.paid_days_ago > ADOPTED_DAYS_AGO > customer.linked_days_ago


def test_nothing_happens_before_its_story_or_after_now() -> None:
    for _story, moment, remark, _answered in REMARKS:
        assert moment < NOW
        hours = [report.after for report in remark.reports]
        if remark.decision:
            hours.append(remark.decision.after + (remark.decision.acknowledged_after or 0))
        assert (NOW - moment).total_seconds() > max(hours, default=0) * 3600


def test_comments_have_two_to_a_hundred_and_twenty_words() -> None:
    for _story, _moment, remark, _answered in REMARKS:
        assert 2 <= len(remark.text.split()) <= 120


def test_conversations_go_six_deep_in_each_story() -> None:
    for story in PAPER.stories:
        assert max(remark.depth for remark in story.comments) == 6


def test_an_answer_goes_to_the_comment_one_step_less_deep() -> None:
    for _story, _moment, remark, answered in REMARKS:
        assert (answered.depth + 1 if answered else 0) == remark.depth


@pytest.fixture(scope="module")
def scores() -> dict[str, dict[str, float]]:
    texts = [cleaning.comment(remark.text, HOUSE.at({}).limits.comment_characters) for *_, remark, _answered in REMARKS]
    answer = toxicity.load("builtin").score(texts, 60)
    assert not isinstance(answer, Unavailable)
    given = zip(REMARKS, answer, strict=True)
    return {remark.text: each.by_attribute() for (*_, remark, _answered), each in given}


def test_the_scorer_agrees_with_the_story(scores: dict[str, dict[str, float]]) -> None:
    """What is to be published is, what is to be withheld is; only what a person removed may begin either way."""
    for story, moment, remark, _answered in REMARKS:
        signals: dict[str, object] = {f"score.{name}": value for name, value in scores[remark.text].items()}
        hours = (moment - NOW + timedelta(days=story.days_ago)) / timedelta(hours=1)
        waits = story.premoderated_after is not None and hours > story.premoderated_after
        outcome = verdict.decide({**signals, "premoderated": True} if waits else signals, HOUSE.at({})).outcome
        expected = {PUBLISHED: "publish", HELD: "hold", WITHHELD: "withhold"}
        if remark.state == REMOVED:
            assert outcome == "publish" if remark.reports else outcome in ("hold", "withhold"), remark.text
        else:
            assert outcome == expected[remark.state], remark.text
