"""How far a long command is: a bar for each of its parts, on standard error."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count

import click


class Progress(ExitStack):
    """A context that is told of one part after the other. Where there is no terminal, only their names appear."""

    def __init__(self) -> None:
        super().__init__()
        self._part = ""
        self._done = 0
        self._advance: Callable[[int], None] = lambda steps: None

    def tell(self, part: str, done: int, total: int = 0) -> None:
        """So much of `part` is done now, of so much (0: nobody knows)."""
        if part != self._part or done < self._done:
            self.close()
            bar = click.progressbar(count(), total or None, label=part, show_pos=not total, file=sys.stderr)
            self._part, self._done, self._advance = part, 0, self.enter_context(bar).update
        self._advance(done - self._done)
        self._done = done
