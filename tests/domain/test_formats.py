"""Dates, spans, money and numbers as readers of English see them; tests.house.test_translation sees them in German."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from app import clock, formats, language
from app.web import rendering
from app.web.desk import wording

AT = datetime(2026, 3, 9, 18, 5, 59, tzinfo=UTC)
SPANS = [
    (timedelta(seconds=59), "0 minutes"),
    (timedelta(minutes=1), "1 minute"),
    (timedelta(minutes=89, seconds=59), "89 minutes"),
    (timedelta(minutes=90), "1 hour"),
    (timedelta(hours=47, minutes=59), "47 hours"),
    (timedelta(hours=48), "2 days"),
    (timedelta(days=400, hours=23), "400 days"),
]


def test_a_moment_is_to_the_minute_and_a_day_has_the_name_of_its_month() -> None:
    assert (formats.moment(AT), formats.day(AT)) == ("9 Mar 2026, 18:05", "9 March 2026")


@pytest.mark.parametrize(("length", "words"), SPANS)
def test_a_span_is_in_whole_units_that_have_passed(length: timedelta, words: str) -> None:
    assert formats.span(length) == words
    assert formats.ahead(length) == f"in {words}"


@pytest.mark.parametrize(
    ("away", "ago", "due"),
    [
        (-timedelta(hours=5), "5 hours ago", "overdue by 5 hours"),
        (-timedelta(seconds=30), "just now", "overdue by 0 minutes"),
        (timedelta(days=2, hours=1), "just now", "due in 2 days"),
    ],
)
def test_the_desk_says_how_long_ago_and_when_due(away: timedelta, ago: str, due: str) -> None:
    with clock.pretend(AT):
        assert (rendering.ago(AT + away), wording.due(AT + away)) == (ago, due)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [("1234.50", "gbp", "£1,234.50"), ("500", "jpy", "JP¥500"), ("0.5", "USD", "US$0.50"), ("12.5", "rsd", "RSD12.5")],
)
def test_money_has_its_sign_and_is_not_rounded(amount: str, currency: str, text: str) -> None:
    assert formats.money(Decimal(amount), currency) == text


def test_numbers_are_grouped_and_have_the_digits_that_were_asked_for() -> None:
    assert (formats.number(1234567), formats.number(0.125, 2), formats.number(3, 1)) == ("1,234,567", "0.12", "3.0")


@pytest.mark.parametrize(
    ("zone", "tag", "text"),
    [
        ("Europe/Berlin", "en", "9 Mar 2026, 19:05 CET"),
        ("Europe/Berlin", "de", "09.03.2026, 19:05 MEZ"),
        ("America/New_York", "en", "9 Mar 2026, 14:05 EDT"),
        ("America/New_York", "de", "09.03.2026, 14:05 EDT"),
        ("UTC", "de", "09.03.2026, 18:05 UTC"),
    ],
)
def test_a_zone_has_its_short_name_where_the_language_knows_one(zone: str, tag: str, text: str) -> None:
    with language.use(tag):
        assert formats.moment_and_zone(AT.astimezone(ZoneInfo(zone))) == text


@pytest.mark.parametrize("tag", ["fr", "tlh", "no language at all"])
def test_where_sentences_are_english_so_are_dates(tag: str) -> None:
    with language.use(tag):
        assert formats.day(AT) == "9 March 2026"
