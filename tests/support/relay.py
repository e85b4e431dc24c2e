"""A line to PostgreSQL that can go dead: nothing is closed, and nothing comes through any more."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import make_url

STANDARD_PORT = 5432


class Relay:
    """Listens at `url` and passes on what is said to the database at `target`, and back."""

    def __init__(self, target: str) -> None:
        self._target = make_url(target)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._alive = threading.Event()
        self._alive.set()
        here = self._target.set(host="127.0.0.1", port=self._listening.getsockname()[1], query={})
        self.url = here.render_as_string(hide_password=False)
        threading.Thread(target=self._accept, daemon=True).start()

    def die(self) -> None:
        """Nothing comes through, not even that a side has gone."""
        self._alive.clear()

    def live(self) -> None:
        """What was said meanwhile comes through now."""
        self._alive.set()

    def close(self) -> None:
        self._listening.close()
        self._alive.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listening.accept()
                server = self._connected()
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _connected(self) -> socket.socket:
        host = str(self._target.query.get("host", self._target.host))
        port = self._target.port or STANDARD_PORT
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{host}/.s.PGSQL.{port}")
        return server

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while said := source.recv(65536):
                self._alive.wait()
                sink.sendall(said)
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def relayed(url: str) -> Iterator[Relay]:
    """The line is there inside the block."""
    line = Relay(url)
    try:
        yield line
    finally:
        line.close()
