"""How many calls of a scorer run at a time, and whose."""

import threading
from collections import Counter
from collections.abc import Hashable


class Places:
    """`number` of them. One caller has half of them at most, so that whoever's texts are slow waits for themselves;
    who is nobody (None) is the house itself and may have all.
    """

    def __init__(self, number: int) -> None:
        self._free = number
        self._share = max(1, number // 2)
        self._taken = Counter[Hashable]()
        self._changed = threading.Condition()

    def take(self, caller: Hashable, within: float) -> bool:
        """Whether there was a place for `caller` within so many seconds; whoever gets a yes gives it back."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._has_one_for(caller), max(0.0, within)):
                return False
            self._free -= 1
            self._taken[caller] += 1
            return True

    def give_back(self, caller: Hashable) -> None:
        """Free a place that `caller` had."""
        with self._changed:
            self._free += 1
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]
            self._changed.notify_all()

    def _has_one_for(self, caller: Hashable) -> bool:
        return self._free > 0 and (caller is None or self._taken[caller] < self._share)
