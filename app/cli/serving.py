"""`btl serve`: granian before the front, on a port that is nobody else's."""

import os
import resource
import signal
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.mp import MPServer

from app import log
from config.limits_address import MEMORY
from config.settings import Settings

BACKLOG = 1024
# at once, in one process; each is a file of the system's
MOST_CONNECTIONS = 4096
# beside them: the database, downloads, modules
OWN_FILES = 1024
# who sends the head of a request, or keeps a connection without one
HEAD_SECONDS = 10
# who takes nothing of what has been sent
STALLED_SECONDS = 30
# for requests that are being answered when we are told to stop
STOP_SECONDS = 15


class Taken(click.ClickException):
    """We cannot listen there, most often because somebody else does."""

    exit_code = 2


class _Server(MPServer):
    """Granian on a socket that is open already, which its processes share.

    Its own sockets share their port with whoever asks for the same, even another `btl serve`.
    """

    def __init__(self, listener: socket.socket, workers: int) -> None:
        address, port = listener.getsockname()[:2]
        super().__init__(
            "the front",  # which is loaded by `serve`
            address=address,
            port=port,
            interface=Interfaces.RSGI,
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000),
            websockets=False,
            backlog=BACKLOG,
            backpressure=MOST_CONNECTIONS,
            workers=workers,
            workers_kill_timeout=STOP_SECONDS,
            respawn_failed_workers=True,
            log_access=False,
        )
        self._listener = listener

    def _init_shared_socket(self) -> None:
        self._sso = None
        self._shd: Any = SocketHolder(self._listener.fileno(), False, self.backlog)  # type: ignore[call-arg]

    def _drop_shared_socket(self) -> None:
        self._listener.close()


def listen(address: str, port: int) -> socket.socket:
    """A socket that listens there, alone. Raises Taken if that cannot be."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        listener = socket.create_server((address, port), family=family, backlog=BACKLOG)
    except OSError as error:
        # Python names the place again behind the reason
        reason = str(error.strerror or error).partition(" (while ")[0]
        raise Taken(f"{address}:{port}: {reason}") from error
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # of Linux; the connections inherit it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_SECONDS * 1000)
    listener.setblocking(False)
    return listener


def serve(settings: Settings, listener: socket.socket, *, workers: int, threads: int) -> None:
    """Serve the web on `listener` until told to stop."""
    if workers > 1 and settings.limits_url == MEMORY:
        click.echo(
            f"BTL_LIMITS_URL is not set: each of the {workers} processes counts for itself, and a limit is up to "
            f"{workers} times as high",
            err=True,
        )
    # prometheus_client looks for it when a worker imports it (app.web.exposition)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_emptied(settings.metrics_folder))
    run(listener, partial(_front, threads), workers)


def run(listener: socket.socket, front: Callable[[], Any], workers: int) -> None:
    """Serve on `listener`, until told to stop, the Front that `front` makes in each of so many processes."""
    # a worker that has not begun yet would take the signal to end for its parent's, and both wait for ever
    os.register_at_fork(after_in_child=_end_when_told)
    _allow_files(MOST_CONNECTIONS + OWN_FILES)
    _Server(listener, workers).serve(target_loader=front, wrap_loader=False)


def _allow_files(wanted: int) -> None:
    """Have the system let us open so many, or as many as it may; it begins with few."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    if soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))


def _end_when_told() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _front(threads: int) -> Any:
    from app import serving

    log.configure()
    return serving.front(Settings.from_env(), threads)


def _emptied(folder: Path) -> Path:
    """The folder in which the processes of the web count, without what those of an earlier start left."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.db"):
            left.unlink()
    except OSError as error:
        raise click.ClickException(f"BTL_VAR: {error}") from error
    return folder
