"""Amounts of money as Stripe counts them: whole minor units of a currency whose code is in lower case."""

from decimal import Decimal

from app import formats

WITHOUT_MINOR_UNITS = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf")
)
# Stripe wants the last digit of these to be zero
IN_THOUSANDTHS = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))
# they have no minor units any more, and Stripe goes on counting in hundredths
WHOLE_HUNDREDS = frozenset(("isk", "ugx"))


def step(currency: str) -> int:
    """What every amount in this currency must be a multiple of, in minor units."""
    return 100 if currency in WHOLE_HUNDREDS else 10 if currency in IN_THOUSANDTHS else 1


def major(amount: int, currency: str) -> Decimal:
    """The amount in major units: 1250 of "eur" are 12.50."""
    digits = 0 if currency in WITHOUT_MINOR_UNITS else 3 if currency in IN_THOUSANDTHS else 2
    return Decimal(amount).scaleb(-digits)


def text(amount: int, currency: str) -> str:
    """The amount for people, in the language in which we speak: "€12.50"."""
    return formats.money(major(amount, currency), currency)
