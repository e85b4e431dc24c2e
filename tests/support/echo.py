"""A WSGI application that does what its path says, and programs that serve it in either way.

Run: python -m tests.support.echo wsgi|front PORT [FOLDER]
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.server.mp import MPServer

from app.cli import serving
from app.front import body
from app.front import front as front_module
from app.front.front import Front
from app.front.lane import Lane
from tests.support import raw_http
from tests.support.processes import free_port
from tests.support.repository import REPOSITORY
from tests.support.stripe_world import eventually

HEADER = "x-asked"
# a line for every answer that the front gave by itself
REFUSED = "refused.txt"
LARGEST, PLACES, THREADS, BUFFERED_BYTES = 1000, 40, 2, 20_000
# shorter than what we serve with, and long enough for what a test does meanwhile
STILL_SECONDS, LONGEST_SECONDS, HEAD_SECONDS = 2.5, 5.0, 3
_PIECE = b"p" * 65536

Start = Callable[..., Any]


class Echo:
    """`folder` is where requests for /wait meet the tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        what = environ["PATH_INFO"].strip("/").partition("/")[0].replace("-", "_")
        act = getattr(self, f"do_{what}", None)
        return self._asked(environ, start_response) if act is None else act(environ["QUERY_STRING"], start_response)

    def _asked(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """The environ in a header, since an answer to HEAD has no body."""
        asked = {
            name: value
            for name, value in environ.items()
            # granian's WSGI puts its own environment beside the request
            if isinstance(value, str | bool | int | tuple) and (name not in os.environ or value != os.environ[name])
        }
        asked["body"] = environ["wsgi.input"].read().decode("latin-1")
        start_response("200 OK", [(HEADER, json.dumps(asked))])
        return [b"asked\n"]

    def do_wait(self, name: str, start_response: Start) -> Iterable[bytes]:
        """Say that one is being answered, and wait until the test lets go."""
        (self._folder / f"{name}.begun").touch()
        while not (self._folder / f"{name}.go").exists():
            time.sleep(0.005)
        (self._folder / f"{name}.done").touch()
        start_response("200 OK", [])
        return [b"waited\n"]

    def do_stream(self, pieces: str, start_response: Start) -> Iterator[bytes]:
        """So many pieces, and a mark when the last one has been taken."""
        start_response("200 OK", [("Content-Type", "text/plain")])
        for _ in range(int(pieces)):
            yield _PIECE
        (self._folder / "streamed.done").touch()

    def do_cookies(self, _query: str, start_response: Start) -> Iterable[bytes]:
        start_response("201 CREATED", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-One", "1")])
        return [b"two ", b"cookies\n"]

    def do_raise(self, _query: str, _start_response: Start) -> Iterable[bytes]:
        raise RuntimeError("planted")

    def do_raise_late(self, _query: str, start_response: Start) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"begun"
        raise RuntimeError("planted")

    def do_exit(self, _query: str, _start_response: Start) -> Iterable[bytes]:
        raise SystemExit

    def do_silent(self, _query: str, _start_response: Start) -> Iterable[bytes]:
        return [b"no status"]

    def do_bad_status(self, _query: str, start_response: Start) -> Iterable[bytes]:
        start_response("wrong", [])
        return [b"x"]


def front(folder: Path) -> Front:
    """The application behind the front: what begins with /apart has a lane of its own, /wait/shared one by callers.

    What it says itself is German.
    """
    body.STILL_SECONDS, body.LONGEST_SECONDS = STILL_SECONDS, LONGEST_SECONDS
    front_module.MOST_BUFFERED_BYTES = BUFFERED_BYTES
    apart = Lane("apart", "GET /apart.*", threads=1, largest=0)
    shared = Lane(
        "shared", ".* /wait/shared", threads=THREADS, largest=0, caller=lambda asked: asked.get("HTTP_X_CALLER", "")
    )
    rest = Lane("rest", ".*", threads=THREADS, largest=LARGEST, places=PLACES)
    proxies, note = int(os.environ.get("PROXIES", "0")), partial(_note, folder / REFUSED)
    return Front(Echo(folder), [apart, shared, rest], proxies, note, language="de")


def _note(counted: Path, method: str, status: int) -> None:
    with counted.open("a") as file:
        file.write(f"{method} {status}\n")


def main(way: str, port: int, folder: Path) -> None:
    """Serve it as granian does WSGI applications, or behind the front."""
    if way == "front":
        serving.HEAD_SECONDS = HEAD_SECONDS
        if files := os.environ.get("FILES"):
            resource.setrlimit(resource.RLIMIT_NOFILE, (int(files), resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        serving.run(serving.listen("127.0.0.1", port), partial(front, folder), 1)
        return
    granian = MPServer(
        "", port=port, interface=Interfaces.WSGI, http=HTTPModes.http1, blocking_threads=2, websockets=False
    )
    granian.serve(target_loader=partial(Echo, folder), wrap_loader=False)


@contextmanager
def echoing(way: str, folder: Path, **environment: str) -> "Iterator[tuple[int, subprocess.Popen[bytes]]]":
    """The port at which it answers, served in that way in a process of its own, and that process."""
    port = free_port()
    with (folder / f"{way}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.echo", way, str(port), str(folder)],
            cwd=REPOSITORY,
            env=os.environ | environment,
            stdout=log,
            stderr=log,
        )
    try:
        eventually(lambda: _answers(port), seconds=60)
        yield port, process
    finally:
        process.terminate()
        process.wait(timeout=60)


def _answers(port: int) -> bool:
    try:
        return raw_http.ask(port, raw_http.request("GET", "/")).status == 200
    except OSError:
        return False


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
