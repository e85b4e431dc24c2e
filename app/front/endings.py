"""What the event loop has to do when a request has been answered, which can wait until the loop is awake anyway.

To wake it for each would cost as much as all the rest of the front.
"""

import asyncio
from collections import deque
from collections.abc import Callable

# for a loop that has nothing else to do
LATEST_SECONDS = 0.1


class Endings:
    """Belongs to one event loop, which calls all of it but `add`."""

    def __init__(self) -> None:
        self._added: deque[Callable[[], None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def expect(self) -> None:
        """See to it that what is added from now on is done before long."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(LATEST_SECONDS, self._do_latest)

    def add(self, ending: Callable[[], None]) -> None:
        """Have it done; from any thread."""
        self._added.append(ending)

    def do(self) -> None:
        """Do all that has been added."""
        while self._added:
            self._added.popleft()()

    def _do_latest(self) -> None:
        self._timer = None
        self.do()
