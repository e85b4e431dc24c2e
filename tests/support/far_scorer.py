"""A second scorer that a newspaper has in a process of its own, and `btl` as it is run there.

python -m tests.support.far_scorer PORT
FAR_SCORER=PORT BTL_SECOND_SCORER=far python -m tests.support.far_scorer worker
"""

import os
import socketserver
import sys
from typing import Any

from app.cli import serving
from app.cli.main import main

NAME, PORT = "far", "FAR_SCORER"


class There(socketserver.BaseRequestHandler):
    """Says that it has been asked."""

    def handle(self) -> None:
        self.request.sendall(b"!")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def know() -> None:
    from app import toxicity
    from tests.support.scorers import Far

    toxicity._SCORERS[NAME] = lambda _: Far(NAME, int(os.environ[PORT]))


def front(threads: int) -> Any:
    """Of a process of the web, which alone may load what counts for /metrics."""
    know()
    return begun(threads)


if __name__ == "__main__":
    if sys.argv[1].isdecimal():
        Server(("127.0.0.1", int(sys.argv[1])), There).serve_forever()
    if sys.argv[1] == "serve":
        begun, serving._front = serving._front, front
    else:
        know()
    main()
