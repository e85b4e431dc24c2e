"""Prices at Stripe: what is sold, and what it costs in each period."""

from dataclasses import dataclass
from typing import Literal, cast, get_args

from app.gateway.client import Object, Stripe
from app.gateway.values import MalformedObject

Period = Literal["day", "week", "month", "year"]


@dataclass(frozen=True)
class Price:
    """A product by its name, its description and what is in it, at `amount` (minor units) of `currency` for every
    `count` periods. Without an amount Stripe's page says what it costs: it depends on what is chosen there.
    """

    product: str
    description: str | None
    features: tuple[str, ...]
    amount: int | None
    currency: str
    period: Period
    count: int


def retrieve(stripe: Stripe, identifier: str) -> Price | None:
    """The price of that id; None where Stripe has none. Raises StripeUnavailable and MalformedObject."""
    found = stripe.find(lambda v1: v1.prices.retrieve(identifier, {"expand": ["product"]}))
    return read(found) if found is not None else None


def read(raw: Object) -> Price:
    """The price in a price of Stripe's with its product expanded. Raises MalformedObject."""
    try:
        product, recurring = raw["product"], raw["recurring"]
        if recurring["interval"] not in get_args(Period):
            raise MalformedObject("not a price of a subscription")
        return Price(
            product=product["name"],
            description=product.get("description"),
            features=tuple(each["name"] for each in product.get("marketing_features") or [] if each.get("name")),
            amount=raw.get("unit_amount"),
            currency=raw["currency"],
            period=cast(Period, recurring["interval"]),
            count=recurring["interval_count"],
        )
    except (KeyError, TypeError) as error:
        raise MalformedObject(f"not a price: {type(error).__name__}") from error
