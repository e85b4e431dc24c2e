"""What goes wrong on the command line, in one line: 2 where whoever typed it, wrote a setting or a file can mend it; 1
where the command did its work and found something amiss, or somebody else is away.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy.exc import DBAPIError

from app.db import is_busy
from app.errors import Refusal, Unready
from config.policy import BadPolicy
from config.settings import BadSetting, is_utf8

# how the two databases say that a table or a column is not there
MISSING_STATES = frozenset({"42P01", "42703"})
MISSING_WORDS = ("no such table", "no such column")
# how SQLite says that a file is another program's
NO_DATABASE = "file is not a database"


class Mistake(click.ClickException):
    """It cannot be done as it was asked for, and nothing was done."""

    exit_code = 2


@contextmanager
def about(what: str) -> Iterator[None]:
    """A refusal ends the command with its sentence, said of `what` was typed."""
    try:
        yield
    except Refusal as refusal:
        raise Mistake(f"{what}: {refusal.detail()}") from refusal


class Commands(click.Group):
    """The commands of `btl`, none of which answers anybody's mistake with a traceback."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if unread := [word for word in args if not is_utf8(word)]:
            raise Mistake(f"not in UTF-8: {unread[0]!r}")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (BadSetting, BadPolicy) as error:
            raise Mistake(str(error)) from error
        except Unready as error:
            raise click.ClickException(error.detail()) from error
        except Refusal as error:
            raise Mistake(error.detail()) from error
        except UnicodeDecodeError as error:
            raise Mistake(f"the file is not in UTF-8: {error.reason} at byte {error.start}") from error
        except DBAPIError as error:
            raise _of_the_database(error) from error
        except OSError as error:
            if error.filename is None:
                raise
            raise Mistake(f"{error.filename}: {error.strerror}") from error


def _of_the_database(error: DBAPIError) -> Exception:
    state, words = getattr(error.orig, "sqlstate", None), str(error.orig)
    if state in MISSING_STATES or any(missing in words for missing in MISSING_WORDS):
        return Mistake("the database is behind: run btl db upgrade")
    if words == NO_DATABASE:
        return Mistake(f"BTL_DATABASE_URL: {words}")
    if is_busy(error):
        return click.ClickException(f"BTL_DATABASE_URL: {words.partition(chr(10))[0]}")
    return error
