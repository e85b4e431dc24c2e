"""Runs the demo: migrates, seeds once, then keeps a web process and a worker process going until told to stop."""

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import click

from app import installation, log
from app.db import Database
from app.demo import gazette, seed
from app.stories import sites
from config import policy as policies
from config.settings import POLICY, Settings
from migrations.upgrade import upgrade

START_SECONDS = 60
# lies in the var folder while the history is being told: half of one is begun again
UNFINISHED = "being-set-up"


def demo(var: Path, port: int, *, reset: bool) -> None:
    """Serve the demo newspaper until Ctrl-C; its data stays in `var` unless `reset` forgets it first.

    It belongs to the port: stories and letters name the whole address. Of the settings in the environment it keeps the
    policy's file, so that house rules and a language can be tried out on it.
    """
    log.configure(plain=True)
    for needed in (port, port + 1):
        _require_free(needed)
    address = f"http://127.0.0.1:{port}"
    if reset or (var / UNFINISHED).exists():
        shutil.rmtree(var, ignore_errors=True)
    environment = {
        "BTL_ENVIRONMENT": "demo",
        "BTL_VAR": str(var),
        "BTL_PUBLIC_URL": address,
        "BTL_MAIL": "file",
        "STRIPE_API_BASE": f"{address}/simulator",
        "BTL_POLICY": os.environ.get("BTL_POLICY", str(POLICY)),
    }
    settings = Settings.from_env(environment)
    prepare(settings)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BTL_", "STRIPE_"))}
    commands = (["serve", "--port", str(port)], ["worker"])
    running = [_start(command, inherited | environment, var / f"{command[0]}.log") for command in commands]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        _wait_until_ready(address)
        with gazette.serving(settings, policies.load(settings.policy, address)):
            _welcome(settings)
            while all(process.poll() is None for process in running):
                time.sleep(0.5)
        raise click.ClickException(f"a part of the demo has stopped: see {var}/*.log")
    except KeyboardInterrupt:
        click.echo("\nGoodbye. `btl demo` goes on with the same data, `btl demo --reset` begins afresh.")
    finally:
        _stop(running)


def prepare(settings: Settings) -> None:
    """Migrate the demo's database, and tell its history if it is empty; half of one is begun again."""
    it = installation.of(settings, Database(settings.database_url, durable=False))
    upgrade(it.database)
    if not sites.known(it.database):
        click.echo("Setting the newspaper up...")
        unfinished = settings.var / UNFINISHED
        unfinished.touch()
        seed.seed(it, click.echo)
        unfinished.unlink()
    it.database.close()


def _start(command: list[str], environment: dict[str, str], output: Path) -> subprocess.Popen[bytes]:
    """What it says goes to a file: a line for each request would bury the log-ins.

    -P: the working folder is the operator's, and what lies there is no part of the program.
    """
    with output.open("ab") as log_file:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", "app.cli.main", *command],
            env=environment,
            stdout=log_file,
            stderr=subprocess.STDOUT,
        )


def _require_free(port: int) -> None:
    """Sooner than `btl serve` does it, which comes after a long time of telling the history."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            is_taken = error.errno == errno.EADDRINUSE
            why = "is taken; is another demo running?" if is_taken else f"cannot be had: {error.strerror};"
            raise click.ClickException(f"port {port} {why} --port takes another") from error


def _wait_until_ready(address: str) -> None:
    for _ in range(START_SECONDS * 10):
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise click.ClickException("the web did not start")


def _welcome(settings: Settings) -> None:
    address, var = settings.public_url, settings.var
    click.echo(f"\n  The newspaper:  {gazette.address(settings)}/ (its articles carry the comments)")
    click.echo(f"  The comments:   {address}/\n  The queue:      {address}/queue\n  The API:        {address}/api")
    click.echo(f"  Payments:       {address}/simulator/_sim (a stand-in for Stripe: let time pass, fail a payment)")
    click.echo(f"  Letters, logs:  {var / 'letters'}, {var}/*.log\n\n  Log-ins (password for all: {seed.PASSWORD}):\n")
    for label, email, hint in seed.log_ins():
        click.echo(f"    {email:<28} {label}: {hint}")
    click.echo("\n  Ctrl-C stops it.")


def _stop(running: list[subprocess.Popen[bytes]]) -> None:
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
