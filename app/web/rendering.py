"""What every page is given, beside what its view says."""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask_wtf.csrf import generate_csrf
from sqlalchemy.exc import DBAPIError

from app import clock, formats
from app.errors import Maintained
from app.language import _
from app.models.role import ADMINISTRATOR, EDITOR, MODERATOR
from app.notifications import bell
from app.stories import sites, stories
from app.web import context, speaking, steps
from app.web.services import services

LATELY = timedelta(days=7)


def install(app: Flask) -> None:
    """Give templates the caller, the house, and how to show moments and numbers."""
    app.context_processor(_given)
    for how in (moment, exact, ago, lately, wait, formats.number, stories.headline):
        app.add_template_filter(how)
    app.before_request(speaking.to_caller)


def moment(at: datetime) -> str:
    """Day and minute, in the paper's time zone."""
    return formats.moment(at.astimezone(services().house.zone))


def exact(at: datetime) -> str:
    """The same with the name of the zone."""
    return formats.moment_and_zone(at.astimezone(services().house.zone))


def ago(at: datetime) -> str:
    """How long ago something was."""
    passed = clock.now() - at
    return _("just now") if passed < timedelta(minutes=1) else formats.past(passed)


def lately(at: datetime) -> str:
    """How long ago something of the last days was; of anything older the day."""
    if clock.now() - at < LATELY:
        return ago(at)
    return formats.day(at.astimezone(services().house.zone))


def wait(seconds: int) -> str:
    """A span of time in words."""
    return formats.span(timedelta(seconds=seconds))


def newspaper(site_id: int | None = None) -> str:
    """What readers call the site of a page: of a page of none, the only one there is, or the house of several."""
    try:
        known = sites.known(services().database)
    except DBAPIError:
        # the page says that the database is away
        return services().house.name
    of_page = [site.name for site in known if site_id in (None, site.id)]
    return of_page[0] if len(of_page) == 1 else services().house.name


def unread() -> int:
    """How much is new to the caller."""
    try:
        with services().database.reading() as session:
            return bell.unread(session, context.caller().account_id)
    except DBAPIError:
        return 0


def our_address() -> str:
    """Where readers write to us: whom our letters are from."""
    return services().settings.sender.addr_spec


def _given() -> dict[str, Any]:
    return {
        "caller": context.caller(),
        "house": services().house,
        "newspaper": newspaper,
        "step_of": steps.of,
        "our_address": our_address,
        "bell": unread,
        "read_only": Maintained.sentence if services().database.read_only else None,
        "csrf_token": generate_csrf,
        "MODERATOR": MODERATOR,
        "EDITOR": EDITOR,
        "ADMINISTRATOR": ADMINISTRATOR,
    }
