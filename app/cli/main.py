"""The command line: `btl`. Each command is a paragraph; the work is done where it belongs."""

import sys
from pathlib import Path

import click

from app import log
from app.cli import loading
from app.cli.billing import billing
from app.cli.exporting import export
from app.cli.importing import import_
from app.cli.initial_settings import init
from app.cli.mail import mail
from app.cli.mistakes import Commands, Mistake
from app.cli.perspective import perspective
from app.cli.score import score
from app.cli.scorer import scorer
from app.cli.scorer_evaluation import evaluate
from app.cli.sites import site
from app.cli.staff import moderator
from app.cli.train import train
from app.cli.webhooks import webhook
from app.db import Database
from app.postgres import UNLIMITED
from config.settings import POLICY, VAR

PORT = 8000


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Below the Line: comments for newspapers. Anyone reads, subscribers write, moderators decide, a ban holds.

    Settings come from the environment (docs/settings.md), the house rules from config/policy.toml. To look
    around without any of them: btl demo.
    """


main.add_command(billing)
main.add_command(export)
main.add_command(import_)
main.add_command(init)
main.add_command(mail)
main.add_command(moderator)
main.add_command(perspective)
main.add_command(score)
main.add_command(scorer)
main.add_command(site)
main.add_command(train)
scorer.add_command(evaluate)
site.add_command(webhook)


@main.command()
@click.option("--reset", is_flag=True, help="Forget everything first and begin afresh.")
@click.option(
    "--port",
    default=PORT,
    show_default=True,
    type=click.IntRange(1, 65534),
    help="Where to listen; the newspaper itself takes the next one. Each port has a newspaper of its own.",
)
def demo(reset: bool, port: int) -> None:
    """Serve a seeded newspaper on http://127.0.0.1:8000, without keys, accounts or downloads.

    Its data stays in var/demo (with --port 8001 in var/demo-8001), so that a second start goes on where the first one
    stopped.
    """
    from app.demo import run

    run.demo(VAR / ("demo" if port == PORT else f"demo-{port}"), port, reset=reset)


@main.command()
@click.option("--address", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Processes. About two for each core on PostgreSQL.",
)
@click.option(
    "--threads",
    default=8,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Readers that one process answers at a time.",
)
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
        raise Mistake("BTL_READ_ONLY is set, and a worker has nothing to do but write")
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
