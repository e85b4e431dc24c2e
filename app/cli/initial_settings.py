"""`btl init`: the settings of a new installation as a file."""

import os
import secrets
import shlex
from pathlib import Path

import click

from app.cli.mistakes import Mistake
from config import database_address
from config.settings import VAR

FILE = Path("settings.env")
# what only the operator knows, and what is said of it
LEFT = {
    "BTL_PUBLIC_URL": "where readers come: https:// and the host",
    "BTL_MAIL_FROM": "whom letters are from, such as comments@paper.example",
    "BTL_SMTP_URL": "the mail server: smtp://user:password@host:587",
    "STRIPE_MODE": "test at first, then live",
    "STRIPE_API_KEY": "a key of that mode; best a restricted one (docs/stripe.md)",
    "STRIPE_READ_KEY": "a restricted key that may only read",
    "STRIPE_WEBHOOK_SECRETS": "the signing secret of the webhook endpoint",
    "STRIPE_PRICE": "the price that the subscribe button sells",
}


def _postgresql(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    is_one = value.startswith("postgresql") and database_address.wrong(value) is None
    if not is_one or "'" in value or not value.isprintable():
        raise click.BadParameter("must be postgresql://user:password@host/name, with odd characters as %xx")
    return value


@click.command()
@click.option(
    "--sqlite", is_flag=True, help="A SQLite database beside the program's own files; so without --postgresql."
)
@click.option("--postgresql", metavar="URL", callback=_postgresql, help="postgresql://user:password@host/name")
@click.argument("file", type=click.Path(path_type=Path), default=FILE)
def init(sqlite: bool, postgresql: str | None, file: Path) -> None:
    """Write the settings of a new installation to FILE (settings.env), with fresh secrets.

    Only you may read the file, and none is written over. What it says of paths is meant of the folder you are in.
    """
    if sqlite and postgresql:
        raise click.UsageError("One database is enough: --sqlite or --postgresql.")
    text = _settings(postgresql)
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)
    except FileExistsError:
        raise Mistake(f"{file}: is there already, and its keys may be in use. Nothing was written.") from None
    with open(opened, "w") as written:
        written.write(text)
    click.echo(f"Written: {file}, with fresh secrets. Keep a copy where the backups are not.\n")
    click.echo("Fill in:")
    for name, words in LEFT.items():
        click.echo(f"  {name:<24}{words}")
    click.echo(f"\nThen:\n  set -a; . {shlex.quote(str(file.absolute()))}; set +a\n  btl db upgrade\n  btl doctor")


def _settings(database_url: str | None) -> str:
    var = VAR.absolute()
    made = {
        "BTL_ENVIRONMENT": "production",
        "BTL_VAR": str(var),
        "BTL_DATABASE_URL": database_url or f"sqlite:///{var / 'btl.db'}",
        # the proxy that speaks TLS
        "BTL_PROXIES": "1",
        "BTL_MAIL": "smtp",
        **{name: secrets.token_urlsafe(32) for name in ("BTL_SECRET_KEY", "BTL_DIGEST_KEY", "BTL_METRICS_TOKEN")},
    }
    lines = [
        "# Below the Line. docs/settings.md says what each of them is, and which others there are.",
        "# What has blanks or other signs than letters and digits stands between '...'.",
    ]
    lines += [f"{name}={shlex.quote(value)}" for name, value in made.items()]
    lines += ["", "# to be filled in"]
    for name, words in LEFT.items():
        lines += [f"# {words}", f"{name}="]
    return "\n".join(lines) + "\n"
