"""The command line for the conversations of a site: `btl export`."""

import gzip
import os
from pathlib import Path
from typing import IO, cast

import click

from app import log
from app.cli import loading
from app.cli.progress import Progress


def _no_device(_context: click.Context, _parameter: click.Parameter, file: Path) -> Path:
    """What is written is put in the place of what stands there, which may be a device of the system's."""
    if file.exists() and not file.is_file():
        raise click.BadParameter(f"'{file}' is no file.")
    return file


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path), callback=_no_device)
@click.option("--site", "site_key", help="Key of the site; without it, the first.")
def export(file: Path, site_key: str | None) -> None:
    """Write what everybody may read of a site to FILE (.jsonl, or packed: .jsonl.gz), for `btl import`.

    Comments that are held, withheld, removed or deleted are not in it; where somebody answered one, its place is.
    """
    from app.interchange import exporter

    log.configure(plain=True)
    it = loading.installation()
    site = loading.site(it.database, site_key)
    unfinished = file.with_name(file.name + ".unfinished")
    opened = gzip.open if file.suffix == ".gz" else open
    with Progress() as progress, cast(IO[bytes], opened(unfinished, "wb")) as to:
        done = exporter.export(it.database, site, to, progress.tell)
    os.replace(unfinished, file)
    click.echo(f"{done.comments} comments written, and {done.places} places of others that were answered.")
    for state, number in done.left.items():
        click.echo(f"  {number:>9,} {state}, not in it")
