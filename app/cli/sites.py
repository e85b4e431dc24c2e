"""The command line for the newspapers of an installation: `btl site`."""

import re
from typing import TYPE_CHECKING

import click

from app.cli import loading
from app.cli.mistakes import Mistake, about
from app.db import Database
from app.models.server_key import SCOPES
from config import origins

if TYPE_CHECKING:
    from app.models import Site


def _key(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", value):
        raise click.BadParameter("is made of small letters, digits and hyphens")
    return value


def clean_name(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """What somebody calls something, without spaces around it. Raises BadParameter."""
    if value is not None and not (value.strip() and value.isprintable()):
        raise click.BadParameter("is what readers call the newspaper")
    return value and value.strip()


def _origins(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> list[str]:
    try:
        return list(dict.fromkeys(map(origins.parse, values)))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _address(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value and not origins.is_address(value):
        raise click.BadParameter("is the address of a page, as https://www.paper.example/login")
    return value


def _rules(
    log_in: str | None, mailboxes_verified: str | None, paper_entitles: str | None
) -> dict[str, dict[str, str | bool]]:
    """What is laid over the house's rules of readers whom the paper signs in: what is given of it."""
    sso: dict[str, str | bool] = {} if log_in is None else {"log_in": log_in}
    if mailboxes_verified:
        sso["mailboxes_verified"] = mailboxes_verified == "yes"
    entitlement: dict[str, str | bool] = {"paper_entitles": paper_entitles == "yes"} if paper_entitles else {}
    return {name: part for name, part in (("sso", sso), ("entitlement", entitlement)) if part}


_YES_NO = click.Choice(["yes", "no"])
_ORIGIN = "https://host of its stories. Repeatable."
_SCOPE = "What it is for: stories (make, name, open and close them), picks (put comments forward). Repeatable."
_PRODUCT = "Stripe product or price that entitles. Repeatable."


@click.group()
def site() -> None:
    """Newspapers of this installation."""


@site.command()
@click.argument("key", callback=_key)
@click.option("--name", required=True, callback=clean_name, help="What readers call it.")
@click.option("--origin", "origins", multiple=True, required=True, callback=_origins, help=_ORIGIN)
@click.option("--product", "products", multiple=True, help=_PRODUCT)
def add(key: str, name: str, origins: list[str], products: tuple[str, ...]) -> None:
    """Add the newspaper KEY. Addresses of the API name it by this key where there are several."""
    from app.stories import sites

    with about(key), Database(loading.settings().database_url).transaction() as session:
        sites.create(session, key, name, origins, list(products))
    click.echo(f"Done: {name}.")


@site.group("key")
def key_group() -> None:
    """Server keys: by which systems of a newspaper, such as the one that makes its pages, act for it here."""


@key_group.command("create")
@click.argument("site_key", metavar="SITE")
@click.argument("name", callback=clean_name)
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES), help=_SCOPE)
def create_key(site_key: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make a key of SITE called NAME and print it, this once: only a digest of it is kept."""
    from app.sign_in import server_keys

    settings = loading.settings()
    with about(f"{site_key}, {name}"), Database(settings.database_url).transaction() as session:
        secret = server_keys.create(session, settings, site_key, name, scopes)
    click.echo(secret)


@key_group.command("list")
def list_keys() -> None:
    """Show all keys, what they are for and when they were last used."""
    from app.sign_in import server_keys

    with Database(loading.settings().database_url).reading() as session:
        for key, site_key in server_keys.listed(session):
            state = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else "in force"
            used = f"last used {key.last_used_at:%Y-%m-%d %H:%M} UTC" if key.last_used_at else "never used"
            click.echo(f"  {site_key:<16}{key.name:<24}{','.join(key.scopes):<16}{state:<20}{used}")


@key_group.command("revoke")
@click.argument("site_key", metavar="SITE")
@click.argument("name")
def revoke_key(site_key: str, name: str) -> None:
    """End the key of SITE called NAME. Its next request is refused."""
    from app.sign_in import server_keys

    with about(f"{site_key}, {name}"), Database(loading.settings().database_url).transaction() as session:
        server_keys.revoke(session, site_key, name)
    click.echo(f"Done: {name} is revoked.")


@site.command("list")
def list_() -> None:
    """Show all newspapers: their keys and what readers call them."""
    from app.stories import sites

    with Database(loading.settings().database_url).reading() as session:
        for each in sites.listed(session):
            click.echo(f"  {each.key:<24}{each.name}")


@site.command()
@click.argument("key")
def show(key: str) -> None:
    """Show the newspaper KEY: where its stories live, and which products let readers write."""
    from app.stories import sites

    with Database(loading.settings().database_url).reading() as session:
        found = next((each for each in sites.listed(session) if each.key == key), None)
    if found is None:
        raise Mistake(f"{key}: There is no site of this key.")
    _tell(found)


@site.command("set")
@click.argument("key")
@click.option("--name", callback=clean_name, help="What readers call it.")
@click.option("--origin", "origins", multiple=True, callback=_origins, help=f"{_ORIGIN} Replaces those it had.")
@click.option("--product", "products", multiple=True, help=f"{_PRODUCT} Replaces those it had.")
@click.option("--log-in", callback=_address, help="Where its readers sign in at its own site (docs/sso.md).")
@click.option("--mailboxes-verified", type=_YES_NO, help="Whether it has had every mailbox confirmed.")
@click.option("--paper-entitles", type=_YES_NO, help="Whether its own site says who may write.")
@click.option("--common-ground", type=_YES_NO, help="Whether common ground is sought (docs/common-ground.md).")
def set_(key: str, name: str | None, origins: list[str], products: tuple[str, ...], **rules: str | None) -> None:
    """Change the newspaper KEY. The web follows within seconds."""
    from app.common_ground import jobs as common_ground
    from app.stories import sites

    wanted = rules.pop("common_ground")
    over = _rules(**rules)
    if not (name or origins or products or over or wanted):
        raise click.UsageError("Say what is to change: btl site set --help lists it.")
    with about(key), Database(loading.settings().database_url).transaction() as session:
        found = sites.named(session, key)
        found.name = name or found.name
        found.origins = origins or found.origins
        found.products = list(products) or found.products
        found.policy = {**found.policy, **{part: {**found.policy.get(part, {}), **over[part]} for part in over}}
        if wanted:
            common_ground.turn(session, found, on=wanted == "yes")
    _tell(found)


@site.command()
@click.argument("key")
def remove(key: str) -> None:
    """Take away the newspaper KEY, which must have had no story: what readers wrote stays."""
    from app.stories import sites

    with about(key), Database(loading.settings().database_url).transaction() as session:
        sites.remove(session, key)
    click.echo(f"Done: {key} is removed.")


def _tell(found: "Site") -> None:
    for what, words in (("name", [found.name]), ("origins", found.origins), ("products", found.products)):
        click.echo(f"  {what:<12}{', '.join(words) or 'none'}")
    for part in ("sso", "entitlement", "common_ground"):
        for name, value in found.policy.get(part, {}).items():
            click.echo(f"  {part}.{name} = {str(value).lower() if isinstance(value, bool) else value}")
