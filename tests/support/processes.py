"""For programs that serve the paper in a process of its own: where it can listen, and when it answers."""

import random
import socket
import time
import urllib.error
import urllib.request

ATTEMPTS = 300
BELOW_OUTGOING = (12_000, 32_000)


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_pair() -> int:
    """The first of two ports side by side that nobody listens on now: a demo's newspaper is behind its comments.

    From below those that outgoing connections are given, one of which may take the second at any moment.
    """
    while True:
        port = random.randrange(*BELOW_OUTGOING)
        try:
            for number in (port, port + 1):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", number))
        except OSError:
            continue
        return port


def wait_until_ready(address: str) -> None:
    """Wait until the server at `address` says that it is ready. RuntimeError if it never does."""
    for _ in range(ATTEMPTS):
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"nothing is ready at {address}")
