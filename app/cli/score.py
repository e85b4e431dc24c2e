"""`btl score`: scores of texts, from the command line, from files and from standard input."""

import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli import loading
from app.cli.mistakes import Mistake

if TYPE_CHECKING:  # what scores is loaded by those who score
    from app.cli.score_input import Lines, Text

PROGRESS_EVERY_SECONDS = 0.5
# what a shell reports of a program that wrote into a closed pipe
CLOSED_PIPE = 141


@click.command()
@click.argument("texts", nargs=-1)
@click.option("--file", "files", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--column", help="Input is CSV with a header; the texts are in the column of this name.")
@click.option(
    "--id", "id_column", metavar="COLUMN", help="Of the CSV: what is given out as id (default: id, if there)."
)
@click.option("--format", "kind", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--scorer", "name", default="builtin", show_default=True, help="Which scorer.")
def score(
    texts: tuple[str, ...], files: tuple[Path, ...], column: str | None, id_column: str | None, kind: str, name: str
) -> None:
    """Score TEXTS, the lines of each --file, or those of standard input: id, text and six probabilities each.

    Files may be of any size: texts are read, scored and written in batches, in their order. The id is that of the
    CSV's column, or else the number of the line or row. Exits with 1 at the first text that cannot be read (what came
    before is written), with 2 for a file, column or scorer that is not there.
    """
    from app.cli import score_input as reading
    from app.cli import score_output

    if texts and (files or column):
        raise click.UsageError("texts are given either as arguments or in files")
    if id_column and not column:
        raise click.UsageError("--id names a column of a CSV, so it needs --column")
    scorer = loading.scorer(name)
    with _failing_in_words():
        out = score_output.FORMATS[kind](sys.stdout.buffer)
        if texts:
            score_output.score(scorer, [reading.arguments(texts)], out)
            return
        progress = _Progress(sum(file.stat().st_size for file in files))
        for path in files or (None,):
            file = path.open("rb") if path else sys.stdin.buffer
            lines = reading.Lines(file, str(path or "standard input"))
            found = reading.by_column(lines, column, id_column) if column else reading.by_line(lines)
            # whoever types wants the answer to each line
            batches = reading.batches(found, 1 if file.isatty() else reading.BATCH_TEXTS)
            score_output.score(scorer, progress.through(lines, batches), out)
        progress.end()


@contextmanager
def _failing_in_words() -> Iterator[None]:
    from app.cli.score_input import BadText, NoColumn
    from app.cli.score_output import NoAnswer

    try:
        yield
    except NoColumn as error:
        raise click.UsageError(str(error)) from error
    except BadText as error:
        raise Mistake(str(error)) from error
    except NoAnswer as error:
        raise click.ClickException(str(error)) from error
    except BrokenPipeError:
        # nobody reads on, as with `| head`; what Python still has to write at its end goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CLOSED_PIPE)


class _Progress:
    """How far we are, on standard error: rewritten in place on a terminal, one line at the end elsewhere.

    `length`: bytes in all; 0 where nobody knows.
    """

    def __init__(self, length: int) -> None:
        self._length = length
        self._live = sys.stderr.isatty()
        self._began = time.monotonic()
        self._said = 0.0
        self._texts = 0
        self._before = 0

    def through(self, lines: "Lines", batches: "Iterable[list[Text]]") -> "Iterator[list[Text]]":
        """The batches, each counted once it has been dealt with."""
        for batch in batches:
            yield batch
            self._texts += len(batch)
            if self._live and time.monotonic() - self._said > PROGRESS_EVERY_SECONDS:
                self._say(self._before + lines.read)
        self._before += lines.read

    def end(self) -> None:
        """The last word."""
        self._say(self._before)
        click.echo(err=True)

    def _say(self, read: int) -> None:
        self._said = time.monotonic()
        share = f", {min(read / self._length, 1):.0%}" if self._length else ""
        rate = self._texts / max(self._said - self._began, 1e-3)
        start = "\r" if self._live else ""
        click.echo(f"{start}{self._texts:,} texts{share}, {rate:,.0f} a second", nl=False, err=True)
