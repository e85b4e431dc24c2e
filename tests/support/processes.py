"""For programs that serve the paper in a process of its own: where it can listen, and when it answers."""

import socket
import time
import urllib.error
import urllib.request

ATTEMPTS = 300


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
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
