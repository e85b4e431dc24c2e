"""A real Valkey, or the Redis it came from, for as long as a test lasts."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis

from tests.support.processes import free_port
from tests.support.required import skip
from tests.support.stoppable import Stoppable, running
from tests.support.stripe_world import eventually

SERVERS = ("valkey-server", "redis-server")


@dataclass
class Valkey:
    """The server in its process, and where it listens."""

    process: Stoppable
    port: int

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def counts(self) -> int:
        """How many counts it keeps."""
        with redis.Redis.from_url(self.url) as client:
            found: int = client.dbsize()
            return found

    def wait_until_ready(self) -> None:
        """Until it answers a client that is in no hurry."""
        eventually(self._answers)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def valkey() -> Iterator[Valkey]:
    """An empty one, which keeps nothing on disk."""
    server = next(filter(None, map(shutil.which, SERVERS)), None)
    if server is None:
        skip("valkey", f"there is no {' or '.join(SERVERS)}")
    port = free_port()
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with running(command) as process:
        found = Valkey(process, port)
        found.wait_until_ready()
        yield found
