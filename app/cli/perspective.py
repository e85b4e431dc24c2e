"""The command line for sites that come from Google's Perspective API: `btl perspective`."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

from app.cli import loading
from app.cli.mistakes import Mistake, about
from app.db import Database
from app.models import ApiKey, ApiKeyDay
from app.models.api_key import AS_ENGLISH, OURS, REFUSE, SCALES, SECOND, UNREAD_LANGUAGES
from config.settings import Settings

QUOTA = click.IntRange(1, 1_000_000)
# of a key that is made, and of one that is changed
CHOICES = (
    click.option(
        "--languages",
        "unread_languages",
        type=click.Choice(UNREAD_LANGUAGES),
        help="Texts in a language that the scorer does not read: refuse them (as at first), score them as English, or "
        "ask the second scorer (BTL_SECOND_SCORER).",
    ),
    click.option(
        "--scale",
        type=click.Choice(SCALES),
        help="TOXICITY as our scorer gives it (as at first), or on Google's scale, for thresholds chosen there.",
    ),
    click.option(
        "--drop-unsupported/--refuse-unsupported",
        default=None,
        help="Leave attributes that are not scored here out of the answer, or refuse the request (as at first).",
    ),
)
Command = TypeVar("Command", bound=Callable[..., None])


def chosen(command: Command) -> Command:
    """`command` with the options CHOICES."""
    for option in reversed(CHOICES):
        command = option(command)
    return command


@click.group()
def perspective() -> None:
    """The Perspective API's place: who may have texts scored here (docs/perspective.md)."""


@perspective.group()
def key() -> None:
    """API keys, each with a name and a quota of its own."""


@key.command()
@click.argument("name")
@click.option("--per-second", type=QUOTA, default=20, show_default=True, help="Requests in any one second.")
@click.option("--per-minute", type=QUOTA, default=600, show_default=True, help="Requests in any one minute.")
@chosen
def create(name: str, per_second: int, per_minute: int, **choices: Any) -> None:
    """Make a key called NAME and print it, this once: only a digest of it is kept."""
    from app.perspective import keys

    if not name.strip() or not name.isprintable():
        raise Mistake("NAME is empty or cannot be printed: keys are told apart by it.")
    settings = loading.settings()
    named = _checked(settings, name, choices)
    with about(name), Database(settings.database_url).transaction() as session:
        secret = keys.create(session, settings, name, per_second, per_minute, **named)
    click.echo(secret)


@key.command("set")
@click.argument("name")
@click.option("--per-second", type=QUOTA, help="Requests in any one second.")
@click.option("--per-minute", type=QUOTA, help="Requests in any one minute.")
@chosen
def set_(name: str, **changes: Any) -> None:
    """Change the key called NAME, from its next request on. What is not named stays."""
    from app.perspective import keys

    settings = loading.settings()
    named = _checked(settings, name, changes)
    if not named:
        raise Mistake(f"{name}: Nothing to change. See btl perspective key set --help.")
    with about(name), Database(settings.database_url).transaction() as session:
        keys.change(session, name, **named)
    click.echo(f"Done: {name}.")


@key.command("list")
def list_() -> None:
    """Show all keys: how often they may ask, since when, until when, what was chosen, and what they did today."""
    from app.perspective import keys, usage

    settings = loading.settings()
    with Database(settings.database_url).reading() as session:
        days = usage.of_today(session, settings.zone)
        for each in keys.listed(session):
            quota = f"{each.per_second} a second, {each.per_minute} a minute"
            until = f", revoked {each.revoked_at:%Y-%m-%d}" if each.revoked_at else ""
            click.echo(f"  {each.name:<24}{quota}, since {each.created_at:%Y-%m-%d}{until}")
            click.echo(f"  {'':<24}{', '.join(_answers(each))}")
            click.echo(f"  {'':<24}today: {_requests(days.get(each.id))}")


@key.command()
@click.argument("name")
def revoke(name: str) -> None:
    """End the key called NAME: from now on it is refused."""
    from app.perspective import keys

    with about(name), Database(loading.settings().database_url).transaction() as session:
        keys.revoke(session, name)
    click.echo(f"Done: {name} is revoked.")


def _checked(settings: Settings, name: str, options: dict[str, Any]) -> dict[str, Any]:
    """The options that were typed for the key of that name, if nothing is missing for them."""
    from app.perspective import keys

    typed: Any = {option: value for option, value in options.items() if value is not None}
    with about(name):
        keys.check(settings, typed)
    return dict(typed)


def _answers(key: ApiKey) -> Iterator[str]:
    """How requests of `key` are answered, in words."""
    yield {
        REFUSE: "other languages refused",
        AS_ENGLISH: "other languages scored as English",
        SECOND: "other languages scored by the second scorer",
    }[key.unread_languages]
    yield "unsupported attributes left out" if key.drop_unsupported else "unsupported attributes refused"
    yield "our scale" if key.scale == OURS else "Google's scale"


def _requests(day: ApiKeyDay | None) -> str:
    if day is None:
        return "no requests"
    return f"{day.answered} requests answered, {day.refused} refused, {day.over_quota} over the quota"
