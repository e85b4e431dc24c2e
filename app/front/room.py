"""Room for those who are being answered. When it runs short, whoever has the most gives way to who has less."""

import asyncio
from threading import Lock
from typing import Any

from app.errors import Busy

RETRY_SECONDS = 2


class Place:
    """Where one request is: until a thread keeps it in order to work for it, its task can be made to leave."""

    __slots__ = ("_decided", "_task", "owner")

    def __init__(self, owner: str, task: "asyncio.Task[Any]") -> None:
        self.owner = owner
        self._task = task
        # by whoever comes first, the thread or who makes it leave; nobody releases it
        self._decided = Lock()

    def keep(self) -> bool:
        """Whether the request is there to be answered; from now on it stays."""
        return self._decided.acquire(blocking=False)

    def clear(self) -> bool:
        """Make it leave, if it can still be made to."""
        if not self._decided.acquire(blocking=False):
            return False
        self._task.cancel()
        return True


class Room:
    """So much of something that places take. Belongs to one event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        # {owner: {place: what it takes}}, the oldest first
        self._owners: dict[str, dict[Place, int]] = {}
        self._totals: dict[str, int] = {}

    def take(self, place: Place, amount: int) -> None:
        """Let `place` have so much, or so much more. Raises Busy (503) if nobody who has more can leave it any."""
        while self._taken + amount > self._most:
            self._clear(for_owner=place.owner, amount=amount)
        places = self._owners.setdefault(place.owner, {})
        places[place] = places.get(place, 0) + amount
        self._totals[place.owner] = self._totals.get(place.owner, 0) + amount
        self._taken += amount

    def leave(self, place: Place) -> None:
        """Give back all that `place` has, if it has any."""
        places = self._owners.get(place.owner, {})
        if place not in places:
            return
        amount = places.pop(place)
        self._totals[place.owner] -= amount
        self._taken -= amount
        if not places:
            del self._owners[place.owner], self._totals[place.owner]

    def _clear(self, *, for_owner: str, amount: int) -> None:
        greedy, most = max(self._totals.items(), key=lambda each: each[1], default=(for_owner, 0))
        if most <= self._totals.get(for_owner, 0) + amount:
            raise Busy(retry_after=RETRY_SECONDS)
        cleared = next((place for place in reversed(self._owners[greedy]) if place.clear()), None)
        if cleared is None:
            raise Busy(retry_after=RETRY_SECONDS)
        self.leave(cleared)
