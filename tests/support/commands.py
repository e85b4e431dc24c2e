"""`btl`, as whoever runs it types it. Within this process, since to start Python takes longer than most commands do;
tests/house/test_cli.py starts it as it is installed.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from subprocess import CompletedProcess
from typing import Any
from unittest.mock import patch

import structlog
from click.testing import CliRunner, Result

from app.cli.main import main
from app.db import Database
from config.settings import Settings
from tests.support.settings import environment_of


def btl(settings: Settings, *words: str, **environment: str) -> CompletedProcess[str]:
    """What a command says and returns in the environment that the settings stand for. A traceback is raised here."""
    given = environment_of(settings) | {"STRIPE_API_BASE": settings.stripe_api_base}
    done = invoke(*words, environment=given | environment)
    return CompletedProcess(words, done.exit_code, done.stdout, done.stderr)


def invoke(*words: str, environment: Mapping[str, str] | None = None, stdin: bytes = b"") -> Result:
    """The same of a command that needs no settings, with what it reads and in bytes as well."""
    with _ending():
        return CliRunner().invoke(main, words, input=stdin, env=environment, prog_name="btl", catch_exceptions=False)


@contextmanager
def _ending() -> Iterator[None]:
    """What would end with a process ends with the block: how it logs, and its connections to databases."""
    logs, opened, prepare = structlog.get_config(), list[Database](), Database.__init__

    def remember(database: Database, *arguments: Any, **options: Any) -> None:
        prepare(database, *arguments, **options)
        opened.append(database)

    try:
        with patch.object(Database, "__init__", remember):
            yield
    finally:
        structlog.configure(**logs)
        for database in opened:
            database.close()
