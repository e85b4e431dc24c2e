"""Moments, days, spans of time, money and numbers, as the language in which we speak writes them (Unicode's CLDR)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from math import ceil, inf
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, format_timedelta, get_datetime_format, get_timezone_name
from babel.numbers import format_currency, format_decimal

from app import language

# plain "en" is American to CLDR
OURS = Locale("en", "GB")


def direction() -> str:
    """Which way the language is written: "ltr" or "rtl"."""
    return str(_locale().text_direction)


def moment(at: datetime) -> str:
    """Day and minute, in the zone of `at`: 9 Mar 2026, 18:05."""
    locale = _locale()
    date_and_time = str(get_datetime_format("medium", locale)).replace("'", "")
    time = format_time(at, "short", locale=locale)
    return date_and_time.replace("{0}", time).replace("{1}", format_date(at, "medium", locale))


def moment_and_zone(at: datetime) -> str:
    """For whoever plans by it: 9 Mar 2026, 18:05 CET."""
    zone = get_timezone_name(at, "short", locale=_locale())
    # of a zone that has no short name in the language it has the offset, or a long one
    return f"{moment(at)} {zone if zone.isalpha() else at.tzname()}"


def day(at: date) -> str:
    """With the name of its month: 9 March 2026."""
    return format_date(at, "long", _locale())


def span(length: timedelta) -> str:
    """How long, in whole minutes, hours or days: 5 hours. What has begun of the next one does not count."""
    return _span(length, 1, directed=False)


def past(length: timedelta) -> str:
    """5 hours ago."""
    return _span(length, -1, directed=True)


def ahead(length: timedelta) -> str:
    """In 5 hours."""
    return _span(length, 1, directed=True)


def wait(length: timedelta) -> str:
    """How long to wait, rounded up so that it is long enough: 40 seconds, 5 minutes, 2 hours."""
    seconds = ceil(length.total_seconds())
    unit: Literal["second", "minute", "hour"] = "second" if seconds < 90 else "minute" if seconds <= 90 * 60 else "hour"
    whole = timedelta(**{f"{unit}s": 1})
    return format_timedelta(-(-timedelta(seconds=seconds) // whole) * whole, unit, threshold=inf, locale=_locale())


def money(amount: Decimal, currency: str) -> str:
    """An amount in major units, never rounded: £12.50. `currency` is its code in either case."""
    return format_currency(amount, currency.upper(), locale=_locale(), decimal_quantization=False)


def number(value: float, digits: int = 0) -> str:
    """With so many digits after the point: 12,345."""
    return format_decimal(value, "#,##0" + ("." + "0" * digits if digits else ""), _locale())


def _span(length: timedelta, sign: int, *, directed: bool) -> str:
    name: Literal["minute", "hour", "day"] = (
        "minute" if length < timedelta(minutes=90) else "hour" if length < timedelta(hours=48) else "day"
    )
    unit = timedelta(**{f"{name}s": 1})
    whole = sign * (length // unit) * unit
    # without the threshold it would choose a unit of its own, and round
    return format_timedelta(whole, name, threshold=inf, add_direction=directed, locale=_locale())


def _locale() -> Locale:
    return _known(language.current())


@cache
def _known(tag: str) -> Locale:
    try:
        return OURS if tag == language.DEFAULT else Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return OURS
