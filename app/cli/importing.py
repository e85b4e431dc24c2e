"""The command line for histories of comments: `btl import`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import log
from app.cli import loading
from app.cli.mistakes import Mistake

if TYPE_CHECKING:  # loaded when it runs
    from app.interchange.importer import Tally


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--site", "site_key", help="Key of the site the stories belong to; without it, the first.")
@click.option("--source", help="A name for this import, by which it is continued; the file's name by default.")
@click.option("--column", "columns", multiple=True, metavar="FIELD=NAME", help="What FIELD is called in FILE.")
@click.option("--html/--text", default=None, help="What texts are; without it, what looks like HTML is refused.")
@click.option(
    "--orphans",
    type=click.Choice(["refuse", "root"]),
    default="refuse",
    show_default=True,
    help="A reply to a comment that is not in: refuse it, or make it a comment on the story.",
)
@click.option("--refusals", type=click.Path(path_type=Path), help="Where to write what was refused, and why.")
def import_(
    file: Path,
    site_key: str | None,
    source: str | None,
    columns: tuple[str, ...],
    html: bool | None,
    orphans: str,
    refusals: Path | None,
) -> None:
    """Import a history of comments from FILE (.csv or .jsonl, also .gz), through the same pipeline as live ones.

    Fields: id, author, story, parent, created_at, text and, if there is one, title (of the story). Give other names by
    --column, for instance --column id=comment_id --column text=comment_text. An import that was interrupted is
    continued by running it again: no row is taken twice.
    """
    import csv

    from app.interchange import files, importer
    from app.stories import sites

    log.configure(plain=True)
    it = loading.installation()
    site = sites.by_key(it.database, site_key)
    with (
        _told_in_one_line(files.BadFile, importer.ScorerDown),
        click.progressbar(length=files.lines(file), label=file.name) as bar,
        (refusals or Path(os.devnull)).open("w", encoding="utf-8", newline="") as list_of_refusals,
    ):
        writer = csv.writer(list_of_refusals)
        writer.writerow(("line", "id", "reason"))
        done = importer.Import(
            it,
            site=site,
            source=source or file.name,
            refuse=lambda row: writer.writerow((row.line, row.id, row.reason)),
            advance=bar.update,
            html=html,
            orphans=orphans == "root",
        ).run(file, dict(column.partition("=")[::2] for column in columns))
    _say(done)


def _say(done: "Tally") -> None:
    click.echo(f"{done.taken} comments taken, {done.already} were in already, {done.refused.total()} refused.")
    for what, number in [*done.states.items(), *((f"refused: {reason}", n) for reason, n in done.refused.items())]:
        click.echo(f"  {number:>9,} {what}")


@contextmanager
def _told_in_one_line(*errors: type[Exception]) -> Iterator[None]:
    """Ends with the sentence of one of `errors`, and 2."""
    try:
        yield
    except errors as error:
        raise Mistake(str(error)) from error
