"""Structured logs, one JSON object a line on standard error. They never hold a text, an e-mail address or a token."""

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog

ADDRESS = "@"
HIDDEN = "[hidden]"


class Unfailing:
    """Standard error. A line that cannot be written, on a full disk, is lost, and not the request that it tells of."""

    def write(self, text: str) -> None:
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def configure(*, plain: bool = False) -> None:
    """Set logging up for a process; `plain` is for a person watching a terminal, who sees warnings only."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hide_addresses,
            structlog.dev.ConsoleRenderer() if plain else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if plain else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, Unfailing())),
        cache_logger_on_first_use=False,
    )


def hide_addresses(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A last guard: a value that could hold an e-mail address is not written."""
    return {name: HIDDEN if isinstance(value, str) and ADDRESS in value else value for name, value in event.items()}
