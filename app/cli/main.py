"""The command line: `btl`. Each command is a paragraph; the work is done where it belongs."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from app import log
from app.cli import loading
from app.cli.billing import billing
from app.cli.perspective import perspective
from app.cli.progress import Progress
from app.cli.score import score
from app.cli.scorer import scorer
from app.cli.scorer_evaluation import evaluate
from app.db import Database
from app.postgres import UNLIMITED
from config.settings import POLICY, VAR


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Below the Line: comments for newspapers. Anyone reads, subscribers write, moderators decide, a ban holds.

    Settings come from the environment (docs/settings.md), the house rules from config/policy.toml. To look
    around without any of them: btl demo.
    """


main.add_command(billing)
main.add_command(perspective)
main.add_command(score)
main.add_command(scorer)
scorer.add_command(evaluate)


@main.command()
@click.option("--reset", is_flag=True, help="Forget everything first and begin afresh.")
def demo(reset: bool) -> None:
    """Serve a seeded newspaper on http://127.0.0.1:8000, without keys, accounts or downloads.

    Its data stays in var/demo, so that a second start goes on where the first one stopped.
    """
    from app.demo import run

    run.demo(VAR / "demo", reset=reset)


@main.command()
@click.option("--address", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes. About two for each core on PostgreSQL.")
@click.option("--threads", default=8, show_default=True, help="Requests that one process answers at a time.")
def serve(address: str, port: int, workers: int, threads: int) -> None:
    """Serve the web (granian; any other WSGI server takes wsgi:app).

    Jobs are worked by `btl worker`, which must run beside it.
    """
    from granian.constants import Interfaces
    from granian.server import Server

    settings = loading.settings()
    loading.house(settings.policy)
    # prometheus_client looks for it when a worker imports it (app.web.exposition)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_emptied(settings.var.absolute() / "metrics"))
    # a worker that has not begun yet would take the signal to end for its parent's, and both wait for ever
    os.register_at_fork(after_in_child=_end_when_told)
    Server(
        # by its file, since the working folder may hold another wsgi
        f"{Path(__file__).parents[2] / 'wsgi.py'}:app",
        address=address,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        log_access=False,
    ).serve()


def _end_when_told() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _emptied(folder: Path) -> Path:
    """The folder in which the processes of the web count, without what those of an earlier start left."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.db"):
            left.unlink()
    except OSError as error:
        raise click.ClickException(f"BTL_VAR: {error}") from error
    return folder


@main.command()
def worker() -> None:
    """Work the background jobs until told to stop: letters, Stripe, retention. Start several for more."""
    from app import worker as jobs

    log.configure()
    if loading.settings().read_only:
        raise click.ClickException("BTL_READ_ONLY is set, and a worker has nothing to do but write")
    jobs.work(loading.installation())


@main.group()
def db() -> None:
    """The database and its schema."""


@db.command()
def upgrade() -> None:
    """Bring the database to the newest schema. Safe to repeat; an interrupted one leaves nothing behind."""
    from migrations import upgrade as migrations

    database = Database(loading.settings().database_url, timeouts=UNLIMITED)
    if not migrations.missing(database):
        click.echo("The database is up to date.")
        return
    migrations.upgrade(database)
    click.echo("The database has been brought up to date.")


@main.group("policy")
def policy_group() -> None:
    """The house rules, as a file."""


@policy_group.command()
@click.argument("file", type=click.Path(path_type=Path), default=POLICY)
def check(file: Path) -> None:
    """Read FILE as a policy and say what is wrong with it, if anything."""
    house = loading.house(file)
    click.echo(f"{file}: good. {len(house.at({}).rules)} rules, version {house.rules_version}.")


@main.group()
def moderator() -> None:
    """Staff: who may moderate, and where."""


@moderator.command()
@click.argument("email")
@click.option("--role", type=click.Choice(["moderator", "editor", "administrator"]), default="moderator")
@click.option("--site", "site_key", help="Key of one site; without it, all of them.")
def add(email: str, role: str, site_key: str | None) -> None:
    """Give the account of EMAIL a staff role. The account must have been made before, on the sign-up page."""
    from app.accounts import roles
    from app.errors import Refusal

    settings = loading.settings()
    try:
        with Database(settings.database_url).transaction() as session:
            account = roles.grant_by_email(session, settings, email, role, site_key)
    except Refusal as refusal:
        raise click.ClickException(f"{email}, {site_key or 'all sites'}: {refusal.detail()}") from refusal
    click.echo(f"Done: {account.name} is {role} at {site_key or 'all sites'}.")


@main.group()
def site() -> None:
    """Newspapers of this installation."""


@site.command("add")
@click.argument("key")
@click.option("--name", required=True, help="What readers call it.")
@click.option("--origin", "origins", multiple=True, required=True, help="https://host of its stories. Repeatable.")
@click.option("--product", "products", multiple=True, help="Stripe product or price that entitles. Repeatable.")
def add_site(key: str, name: str, origins: tuple[str, ...], products: tuple[str, ...]) -> None:
    """Add the newspaper KEY. Addresses of the API name it by this key where there are several."""
    from app.stories import sites

    with Database(loading.settings().database_url).transaction() as session:
        sites.create(session, key, name, list(origins), list(products))
    click.echo(f"Done: {name}.")


@main.command("import")
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
    names = dict(column.partition("=")[::2] for column in columns)
    with (
        _in_a_sentence(files.BadFile, importer.ScorerDown),
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
        ).run(file, names)
    click.echo(f"{done.taken} comments taken, {done.already} were in already, {done.refused.total()} refused.")
    for what, number in [*done.states.items(), *((f"refused: {reason}", n) for reason, n in done.refused.items())]:
        click.echo(f"  {number:>9,} {what}")


class Unusable(click.ClickException):
    """What was given cannot be used, as one sentence says."""

    exit_code = 2


@contextmanager
def _in_a_sentence(*errors: type[Exception]) -> Iterator[None]:
    """Ends with the sentence of one of `errors`, and 2."""
    try:
        yield
    except errors as error:
        raise Unusable(str(error)) from error


@main.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder of the data sets (default: as BTL_DATA says).")
@click.option("--out", type=click.Path(path_type=Path), help="Where the weights go (default: into the package).")
@click.option(
    "--own",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV of one's own, such as Kaggle's train.csv; may be given several times.",
)
@click.option(
    "--checkpoints",
    default=Path("var/training"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where a run that is broken off goes on from. Empty it to begin afresh.",
)
def train(data: Path | None, out: Path | None, own: tuple[Path, ...], checkpoints: Path) -> None:
    """Train the built-in scorer from the public data sets, and print how good it is.

    One to two hours on two cores. Needs the extra `train` (docs/scorer.md).
    """
    from app.toxicity.normaliser import FOLDER
    from app.training import corpus, training

    folder = data or corpus.data_folder()
    if folder is None:
        raise click.ClickException("no data: give --data, or set BTL_DATA")
    thresholds = loading.house(POLICY).at({}).thresholds

    try:
        with Progress() as progress:
            evaluation = training.train(folder, out or FOLDER, checkpoints, progress.tell, thresholds, own)
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is not installed: the extra `train` has it (docs/scorer.md)"
        ) from error
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Six-label mean AUC × 100 on the validation file: {evaluation.mean:.2f}")
    for name, area in {**evaluation.by_attribute, **evaluation.by_disguise}.items():
        click.echo(f"  {name:<18}{area:6.2f}")


@main.command()
def doctor() -> None:
    """Look at an installation and say what is wrong with it. Exits with 1 if anything is."""
    from app.cli import doctor as doctors

    findings = list(doctors.examine(loading.settings()))
    for finding in findings:
        click.echo(f"  {'good' if finding.good else 'BAD '}  {finding.part}: {finding.words}")
    sys.exit(0 if all(finding.good for finding in findings) else 1)


if __name__ == "__main__":
    main()
