"""The command line: `btl`. Each command is a paragraph; the work is done where it belongs."""

import sys
from pathlib import Path

import click

from app import log
from app.cli import loading
from app.cli.billing import billing
from app.cli.importing import import_
from app.cli.perspective import perspective
from app.cli.progress import Progress
from app.cli.score import score
from app.cli.scorer import scorer
from app.cli.scorer_evaluation import evaluate
from app.db import Database
from config.settings import POLICY, VAR

PORT = 8000


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Below the Line: comments for newspapers. Anyone reads, subscribers write, moderators decide, a ban holds.

    Settings come from the environment (docs/settings.md), the house rules from config/policy.toml. To look
    around without any of them: btl demo.
    """


main.add_command(billing)
main.add_command(import_)
main.add_command(perspective)
main.add_command(score)
main.add_command(scorer)
scorer.add_command(evaluate)


@main.command()
@click.option("--reset", is_flag=True, help="Forget everything first and begin afresh.")
@click.option("--port", default=PORT, show_default=True, help="Where to listen. Each port has a newspaper of its own.")
def demo(reset: bool, port: int) -> None:
    """Serve a seeded newspaper on http://127.0.0.1:8000, without keys, accounts or downloads.

    Its data stays in var/demo (with --port 8001 in var/demo-8001), so that a second start goes on where the first one
    stopped.
    """
    from app.demo import run

    run.demo(VAR / ("demo" if port == PORT else f"demo-{port}"), port, reset=reset)


@main.command()
@click.option("--address", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=PORT, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes. About two for each core on PostgreSQL.")
@click.option("--threads", default=8, show_default=True, help="Readers that one process answers at a time.")
def serve(address: str, port: int, workers: int, threads: int) -> None:
    """Serve the web (any other WSGI server takes wsgi:app, behind a proxy that buffers requests).

    Jobs are worked by `btl worker`, which must run beside it.
    """
    from app.cli import serving

    settings = loading.settings()
    loading.house(settings.policy)
    serving.serve(settings, serving.listen(address, port), workers=workers, threads=threads)


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

    database = Database(loading.settings().database_url)
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
