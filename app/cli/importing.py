"""The command line for histories of comments: `btl import`."""

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app import log
from app.cli import loading
from app.cli.mistakes import Mistake
from app.cli.progress import Progress
from app.interchange.systems import ROWS, SYSTEMS

if TYPE_CHECKING:  # loaded when it runs
    from app.interchange.importer import Tally
    from app.interchange.records import BadRow, Place

# as many as somebody may want to look at
MOST_LINES = 20


@click.command("import")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--from", "system", type=click.Choice([*ROWS, *SYSTEMS]), help="Whose export FILE is, if it is not recognised."
)
@click.option(
    "--key-from",
    type=click.Choice(["url", "id"]),
    default="url",
    show_default=True,
    help="What becomes a story's key: the article's address, or its id in the old system.",
)
@click.option("--site", "site_key", help="Key of the site the stories belong to; without it, the first.")
@click.option(
    "--source",
    help="A name for what is imported, by which it is continued. By default the system and the site, or, of rows, the"
    " name of FILE.",
)
@click.option("--column", "columns", multiple=True, metavar="FIELD=NAME", help="What FIELD is called in FILE.")
@click.option("--html/--text", default=None, help="What texts are, where the format does not say.")
@click.option(
    "--orphans",
    type=click.Choice(["refuse", "root"]),
    default="refuse",
    show_default=True,
    help="A reply to a comment that is not in: refuse it, or make it a comment on the story.",
)
@click.option("--refusals", type=click.Path(path_type=Path), help="Where to write what was refused, and why.")
@click.option("--dry-run", is_flag=True, help="Say what would become of each row, and take none.")
def import_(
    file: Path,
    system: str | None,
    key_from: str,
    site_key: str | None,
    source: str | None,
    columns: tuple[str, ...],
    html: bool | None,
    orphans: str,
    refusals: Path | None,
    dry_run: bool,
) -> None:
    """Import a history of comments from FILE, through the same pipeline as live ones.

    FILE is what Disqus, WordPress or Remark42 export, the folder that Coral's collections were exported to, Isso's
    database, or rows (.csv or .jsonl); all but a database may be packed (.gz): see docs/import.md. An import that was
    interrupted is continued by running it again: no row is taken twice.

    Fields of rows: id, author, story, parent, created_at, text and, if there are such, title and url of the story,
    author_id, confirmed_email, state. Give other names by --column, for instance --column text=comment_text.
    """
    from app.interchange import files, importer, rehearsal, systems
    from app.interchange.parsing import Reading

    log.configure(plain=True)
    it = loading.installation()
    site = loading.site(it.database, site_key)
    with (
        _told_in_one_line(files.BadFile, importer.ScorerDown),
        rehearsal.stage(it, site) if dry_run else nullcontext(it) as stage,
        Progress() as progress,
        _listing(refusals) as refuse,
    ):
        system = system or systems.recognised(file)
        names = dict(column.partition("=")[::2] for column in columns)
        source = source or (file.name if system in ROWS else f"{system} of {site.key}")
        job = importer.Import(stage, site, source, refuse, progress.tell, orphans == "root")
        done = job.run(file, Reading(names, html, system, key_from))
    _say(done, "would be taken" if dry_run else "taken", rows=system in ROWS)


@contextmanager
def _listing(path: Path | None) -> Iterator[Callable[["BadRow"], None]]:
    """Writes rows that were refused to `path`, if there is one."""
    with (path or Path(os.devnull)).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("line", "id", "reason"))
        yield lambda row: writer.writerow((row.line, row.id, row.reason))


def _say(done: "Tally", taken: str, *, rows: bool) -> None:
    click.echo(f"{done.taken} comments {taken}, {done.already} were in already, {done.refused.total()} refused.")
    for what, number in [*done.states.items(), *((f"refused: {reason}", n) for reason, n in done.refused.items())]:
        click.echo(f"  {number:>9,} {what}")
    if done.bans:
        click.echo(f"Bans of the old system that moderators are asked about: {done.bans}.")
    if done.escaped and rows:  # what a system exports has its line breaks as they are
        _warn(done.escaped)


def _warn(lines: list["Place"]) -> None:
    shown = ", ".join(map(str, lines[:MOST_LINES])) + (", …" if len(lines) > MOST_LINES else "")
    click.echo(rf"Texts with \n as two characters, which stay as they are: {len(lines)}, in {shown} (docs/import.md).")


@contextmanager
def _told_in_one_line(*errors: type[Exception]) -> Iterator[None]:
    """Ends with the sentence of one of `errors`, and 2."""
    try:
        yield
    except errors as error:
        raise Mistake(str(error)) from error
