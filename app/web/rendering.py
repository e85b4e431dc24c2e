"""What every page is given, beside what its view says."""

from typing import Any

from flask import Flask, g
from flask_wtf.csrf import generate_csrf

from app import formats
from app.language import use
from app.models.role import ADMINISTRATOR, EDITOR, MODERATOR
from app.web import context
from app.web.problems import READ_ONLY
from app.web.services import services


def install(app: Flask) -> None:
    """Give templates the caller, the house, and how to show moments and numbers."""
    app.context_processor(_given)
    app.add_template_filter(formats.moment)
    app.add_template_filter(formats.number)
    app.before_request(_speak)
    app.teardown_request(_fall_silent)


def _given() -> dict[str, Any]:
    return {
        "caller": context.caller(),
        "house": services().house,
        "read_only": READ_ONLY if services().database.read_only else None,
        "csrf_token": generate_csrf,
        "MODERATOR": MODERATOR,
        "EDITOR": EDITOR,
        "ADMINISTRATOR": ADMINISTRATOR,
    }


def _speak() -> None:
    language = context.caller().language
    g.language = use(language)
    g.language.__enter__()


def _fall_silent(_error: BaseException | None) -> None:
    if "language" in g:
        g.pop("language").__exit__(None, None, None)
