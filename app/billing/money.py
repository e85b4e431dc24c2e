"""Amounts of money as Stripe counts them: whole minor units of a currency whose code is in lower case."""

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


def text(amount: int, currency: str) -> str:
    """The amount for people, in any language: "12.50 EUR"."""
    digits = 0 if currency in WITHOUT_MINOR_UNITS else 3 if currency in IN_THOUSANDTHS else 2
    whole, rest = divmod(amount, 10**digits)
    decimals = f".{rest:0{digits}}" if digits else ""
    return f"{whole}{decimals} {currency.upper()}"
