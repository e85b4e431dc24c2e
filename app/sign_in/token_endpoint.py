"""Where a provider of identities gives out what it says of somebody, for a code.

A reader's thread waits for it, and what stands there may say nothing, or a little at a time for ever. So everything
comes as quickly as app.outgoing has it come, few ask at a time, and whoever has not answered is left alone a while.
"""

import json
from functools import cache
from threading import BoundedSemaphore
from typing import Any

from app import outgoing
from app.breaker import Breaker, admitted
from app.outgoing import Answer, NotReached

# so many threads of a process may wait for it; there are others for who only reads
MOST_AT_A_TIME = 3
FAILURES_OF_ONE_WHO_IS_AWAY, SILENCE_SECONDS = 2, 5.0


class Away(Exception):
    """Nothing came that could be read, or nobody was asked."""


class Declined(Exception):
    """It gives nothing for this code."""


class TokenEndpoint:
    """The one at `address`, for all who ask in this process."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._places = BoundedSemaphore(MOST_AT_A_TIME)
        self._breaker = Breaker(FAILURES_OF_ONE_WHO_IS_AWAY, rest=SILENCE_SECONDS)

    def exchange(self, headers: dict[str, str], body: str) -> dict[str, Any]:
        """What it gives for a code. Raises Away, Declined."""
        with admitted(self._places, self._breaker, Away):
            try:
                answer = outgoing.OPERATORS.ask("POST", self._address, headers, body.encode())
            except NotReached as error:
                self._breaker.record(success=False)
                raise Away from error
            self._breaker.record(success=True)
        return _given(answer)


@cache
def at(address: str) -> TokenEndpoint:
    """The one at that address."""
    return TokenEndpoint(address)


def _given(answer: Answer) -> dict[str, Any]:
    """What stands in an answer, which is an object of JSON whether it gives something or declines to."""
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise Away from error
    if answer.status >= 500 or not isinstance(said, dict):
        raise Away
    if "error" in said:
        raise Declined
    if answer.status != 200:
        raise Away
    return said
