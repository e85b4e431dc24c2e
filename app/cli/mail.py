"""The command line for mail: `btl mail`."""

import sys

import click

from app.cli import loading
from app.db import Database


@click.group()
def mail() -> None:
    """Letters to readers, and those that come back."""


@mail.command()
def bounced() -> None:
    """Take a message that a letter of ours has come back from standard input, as a mail server pipes it.

    If it says that there is no such mailbox, its reader gets no more news until they have confirmed their address
    again, and sees so in their account. Anything else changes nothing. Exits with 0 either way, or the mail server
    would send the message back in turn.
    """
    from app.mail import bounces

    settings = loading.settings()
    body = sys.stdin.buffer.read(bounces.LARGEST_BYTES)
    with Database(settings.database_url).transaction() as session:
        address = bounces.take(session, settings, body)
    click.echo(f"No more news to {address}." if address else "Not about a letter of ours that failed for good.")
