"""Money and time as the simulator's pages show them, and the way back from a control."""

from datetime import UTC, datetime

from flask import Blueprint, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from app.simulator.store import Object

SIGNS = {"gbp": "£", "eur": "€", "usd": "$"}


def money(minor_units: int, currency: str) -> str:
    return f"{SIGNS.get(currency, currency.upper() + ' ')}{minor_units / 100:.2f}"


def day(seconds: int | None) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%-d %B %Y %H:%M UTC") if seconds is not None else "—"


def register_filters(blueprint: Blueprint) -> None:
    blueprint.add_app_template_filter(money)
    blueprint.add_app_template_filter(day)


def led_back(result: Object) -> Response:
    """A browser is led back to the controls; anybody else sees what came of it."""
    if "text/html" in request.headers.get("Accept", ""):
        return redirect(url_for("controls.overview"), 303)
    return jsonify(result)
