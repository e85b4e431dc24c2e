"""In which language a request is answered: the house's until it is known who calls, and then theirs."""

from contextlib import ExitStack

from flask import Flask, g

from app.accounts.identity import Identity
from app.language import use
from app.web import context
from app.web.services import services


def install(app: Flask) -> None:
    """Have `app` speak the house's language from the beginning of a request: before whatever could refuse it."""
    app.before_request(_as_the_house)
    app.teardown_request(_no_more)


def to_caller() -> None:
    """Speak the caller's language from here on. What all share is asked by nobody, so it is in the house's."""
    to(context.caller())


def to(reader: Identity) -> None:
    """Speak the language of somebody of whom only this request has told."""
    g.speaking.enter_context(use(reader.language, services().house.language))


def _as_the_house() -> None:
    g.speaking = ExitStack()
    g.speaking.enter_context(use(services().house.language))


def _no_more(_error: BaseException | None) -> None:
    if "speaking" in g:
        g.pop("speaking").close()
