"""What a reader can subscribe to, in words."""

from typing import Any

import pytest

from app.billing.offers import in_words
from app.gateway.prices import Price, read
from app.gateway.values import MalformedObject

PRODUCT = {"name": "Digital", "description": None, "marketing_features": [{"name": "All articles"}, {"name": None}]}
RAW: dict[str, Any] = {
    "product": PRODUCT,
    "unit_amount": 1250,
    "currency": "eur",
    "recurring": {"interval": "month", "interval_count": 1},
}


def costs(**differently: Any) -> str:
    return in_words(read(RAW | differently)).costs


@pytest.mark.parametrize(
    ("period", "count", "words"),
    [
        ("month", 1, "€12.50 a month"),
        ("year", 1, "€12.50 a year"),
        ("week", 1, "€12.50 a week"),
        ("day", 1, "€12.50 a day"),
        ("month", 3, "€12.50 every 3 months"),
        ("year", 2, "€12.50 every 2 years"),
        ("week", 4, "€12.50 every 4 weeks"),
        ("day", 10, "€12.50 every 10 days"),
    ],
)
def test_a_price_and_its_period(period: str, count: int, words: str) -> None:
    assert costs(recurring={"interval": period, "interval_count": count}) == words


def test_money_of_other_countries() -> None:
    assert costs(unit_amount=700, currency="jpy") == "JP¥700 a month"


def test_what_only_stripes_page_can_say_is_left_to_it() -> None:
    assert costs(unit_amount=None) == ""


def test_what_is_in_it() -> None:
    found = in_words(read(RAW))
    assert (found.product, found.description, found.features) == ("Digital", "", ("All articles",))


@pytest.mark.parametrize(
    "raw",
    [
        RAW | {"recurring": None},
        RAW | {"product": "prod_1"},
        RAW | {"recurring": {"interval": "fortnight", "interval_count": 1}},
        {},
    ],
)
def test_what_is_no_price_of_a_subscription_is_none(raw: dict[str, Any]) -> None:
    with pytest.raises(MalformedObject):
        read(raw)


def test_a_price_is_what_it_says() -> None:
    assert read(RAW) == Price("Digital", None, ("All articles",), 1250, "eur", "month", 1)
