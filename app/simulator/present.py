"""Money and time as the simulator's pages show them."""

from datetime import UTC, datetime

from flask import Blueprint

SIGNS = {"gbp": "£", "eur": "€", "usd": "$"}


def money(minor_units: int, currency: str) -> str:
    return f"{SIGNS.get(currency, currency.upper() + ' ')}{minor_units / 100:.2f}"


def day(seconds: int | None) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %B %Y %H:%M UTC") if seconds is not None else "—"


def register_filters(blueprint: Blueprint) -> None:
    blueprint.add_app_template_filter(money)
    blueprint.add_app_template_filter(day)
