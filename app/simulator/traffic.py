"""Who calls what how often: requests per endpoint and second, and the most that ever fell within one second."""

import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field


@dataclass
class Endpoint:
    total: int = 0
    # the most within any stretch of one second, wherever it began
    peak: int = 0
    seconds: Counter[int] = field(default_factory=Counter)
    recent: deque[float] = field(default_factory=deque)


class Traffic:
    """In the memory of this process, from its start or from the last `forget` on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._endpoints: dict[str, Endpoint] = {}

    def note(self, name: str) -> int:
        """Count one request; how many of this endpoint the last second has seen, with it."""
        moment = time.time()
        with self._lock:
            endpoint = self._endpoints.setdefault(name, Endpoint())
            while endpoint.recent and endpoint.recent[0] <= moment - 1:
                endpoint.recent.popleft()
            endpoint.recent.append(moment)
            endpoint.total += 1
            endpoint.seconds[int(moment)] += 1
            endpoint.peak = max(endpoint.peak, len(endpoint.recent))
            return len(endpoint.recent)

    def forget(self) -> None:
        with self._lock:
            self._endpoints = {}

    def figures(self) -> dict[str, dict[str, object]]:
        """By endpoint: total, peak_per_second, and seconds, from each second since 1970 to its requests."""
        with self._lock:
            return {
                name: {"total": each.total, "peak_per_second": each.peak, "seconds": dict(each.seconds)}
                for name, each in sorted(self._endpoints.items())
            }
