"""What a statement of reasons says, and in which language."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from app import formats
from app.db import Database
from app.errors import NotFound
from app.models import Decision, Statement
from app.models.role import MODERATOR
from app.moderation import statements, undo
from config.policy import HouseRules
from config.settings import Settings
from tests.support import factories, moderating
from tests.support.moderating import Desk, rows


def issued(desk: Desk) -> Statement:
    (statement,) = rows(desk.session, Statement)
    return statement


def paragraphs(desk: Desk) -> list[str]:
    return issued(desk).text.split("\n\n")


def test_it_says_what_by_which_rule_why_how_found_who_decided_and_what_can_be_done(desk: Desk) -> None:
    comment = desk.comment()
    item = moderating.report(desk.session, desk.house, comment, factories.account(desk.session, "Ronja Reporter"))
    desk.decide(item, "suspend", "topic", "It sells shoes.", days=3)
    statement = issued(desk)
    until = statement.applies_until
    assert until is not None
    assert paragraphs(desk) == [
        f"Your comment of {formats.day(comment.created_at)} on “{desk.story.title}” has been removed.",
        f"Your right to comment is suspended until {formats.moment(until)} UTC.",
        "The rule: Stay with the story. No advertising, no copy-and-paste campaigns, "
        "nothing that has no bearing on the story.",
        "The facts: It sells shoes.",
        "Readers reported it.",
        "A moderator decided this.",
        "If you think that this is wrong, you can appeal free of charge until "
        f"{formats.day(statement.appeal_until)}: "
        f"{desk.settings.public_url}/statements/{statement.id}. Somebody else will decide on it. "
        "An out-of-court dispute body and the courts are open to you as well.",
    ]
    assert until - statement.applies_from == timedelta(days=3)
    assert statement.appeal_until - statement.created_at == timedelta(days=desk.house.at({}).appeals.days)


def test_it_names_neither_who_reported_nor_who_decided(desk: Desk) -> None:
    reporter = factories.account(desk.session, "Ronja Reporter")
    desk.decide(moderating.report(desk.session, desk.house, desk.comment(), reporter), "ban")
    assert reporter.name not in issued(desk).text
    assert desk.moderator.name not in issued(desk).text


@pytest.mark.parametrize(
    ("reason", "kind", "source", "detected", "sentence"),
    [
        pytest.param("report", "comment", "SOURCE_TYPE_OTHER_NOTIFICATION", False, "Readers reported", id="reported"),
        pytest.param("hold", "comment", "SOURCE_VOLUNTARY", True, "Our software pointed", id="held by a score"),
        pytest.param("severe", "comment", "SOURCE_VOLUNTARY", True, "Our software pointed", id="severe"),
        pytest.param("unscored", "comment", "SOURCE_VOLUNTARY", False, "A moderator came", id="held for want of one"),
        pytest.param("premoderated", "comment", "SOURCE_VOLUNTARY", False, "A moderator came", id="pre-moderated"),
        pytest.param("notice", "notice", "SOURCE_ARTICLE_16", False, "gave us notice", id="a legal notice"),
    ],
)
def test_it_says_how_the_breach_was_found(
    desk: Desk, reason: str, kind: str, source: str, detected: bool, sentence: str
) -> None:
    comment = desk.comment()
    if reason == "report":
        item = moderating.report(desk.session, desk.house, comment, factories.account(desk.session))
    else:
        item = moderating.ask(desk.session, desk.house, comment, reason=reason, kind=kind)
    desk.decide(item, "remove", "topic")
    statement = issued(desk)
    assert (statement.source_type, statement.automated_detection) == (source, detected)
    assert sentence in statement.text


@pytest.mark.parametrize(
    ("rule", "automated", "sentence"),
    [
        pytest.param("topic", "AUTOMATED_DECISION_NOT_AUTOMATED", "A moderator decided this.", id="by a moderator"),
        pytest.param("threat", "AUTOMATED_DECISION_PARTIALLY", "follows from your strikes", id="with the ladder"),
    ],
)
def test_it_says_who_decided(desk: Desk, rule: str, automated: str, sentence: str) -> None:
    desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "remove", rule)
    assert issued(desk).automated_decision == automated
    assert sentence in issued(desk).text


def test_the_machine_says_that_it_was_the_machine(desk: Desk) -> None:
    desk.house = moderating.with_severe(desk.house, "suspend")
    moderating.withhold(desk.session, desk.house, desk.comment())
    statement = issued(desk)
    assert (statement.rule, statement.automated_decision) == ("threat", "AUTOMATED_DECISION_FULLY")
    assert statement.restrictions == ["visibility_disabled", "account_suspended"]
    assert "Software alone decided this. A moderator has been asked to look at it." in paragraphs(desk)


# whose says what, the house's, and what the statement is in
@pytest.mark.parametrize(
    ("own", "ours", "spoken"), [("de", "en", "de"), ("en", "de", "en"), (None, "de", "de"), ("tlh", "de", "de")]
)
def test_it_speaks_the_addressees_language_or_the_houses_and_keeps_it(
    desk: Desk, own: str | None, ours: str, spoken: str
) -> None:
    desk.author.language = own
    desk.session.flush()
    desk.house = HouseRules(desk.house.at({"house": {"language": ours}}), desk.house.address)
    desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "remove", "topic")
    assert issued(desk).language == spoken
    first, rule, *_others, last = paragraphs(desk)
    begun = ("Ihr Kommentar vom ", "Die Regel: ", "Wenn Sie das für falsch halten, können Sie bis zum ")
    if spoken == "en":
        begun = ("Your comment of ", "The rule: ", "If you think that this is wrong, you can appeal free of charge ")
    assert [text.startswith(how) for text, how in zip((first, rule, last), begun, strict=True)] == [True] * 3


def test_it_is_read_by_its_addressee_and_by_moderators_of_its_site(desk: Desk) -> None:
    decision = desk.decide(moderating.ask(desk.session, desk.house, desk.comment()), "ban")
    statement_id = issued(desk).id
    author = moderating.identity_of(desk.session, desk.author)
    for reader in (author, desk.moderator):
        assert not statements.read(desk.session, reader, statement_id).undone
    undo.undo(desk.session, desk.house, desk.moderator, decision.id, "A mistake.")
    assert statements.read(desk.session, author, statement_id).undone
    elsewhere = factories.staff(desk.session, MODERATOR, at=factories.site(desk.session))
    for somebody in (factories.account(desk.session), elsewhere):
        with pytest.raises(NotFound):
            statements.read(desk.session, moderating.identity_of(desk.session, somebody), statement_id)


@hypothesis(max_examples=15)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=80))
def test_whatever_a_moderator_writes_is_said_as_it_was_written(
    database: Database, settings: Settings, house: HouseRules, reason: str
) -> None:
    if not reason.strip():
        return
    with database.transaction() as session:
        desk = moderating.open_desk(session, settings, house)
        decision = desk.decide(moderating.ask(session, house, desk.comment()), "remove", "topic", reason)
        session.expire_all()
        statement = session.get_one(Statement, session.get_one(Decision, decision.id).statement_id)
        assert f"The facts: {reason.strip()}" in statement.text
        session.rollback()


def test_it_tells_times_in_the_zone_of_the_house(desk: Desk, house: HouseRules) -> None:
    there = replace(desk, house=replace(house, zone=ZoneInfo("Pacific/Auckland")))
    there.decide(
        moderating.report(desk.session, there.house, there.comment(), factories.account(desk.session)),
        "suspend",
        days=3,
    )
    until = issued(desk).applies_until
    assert until is not None
    local = until.astimezone(ZoneInfo("Pacific/Auckland"))
    assert f"until {formats.moment(local)} {local.tzname()}." in issued(desk).text
