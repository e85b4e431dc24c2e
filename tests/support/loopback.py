"""A WSGI application served over real sockets on a free port of this machine, for as long as a test lasts."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server, make_ssl_devcert

Application = Callable[..., Iterable[bytes]]
# whether it is to stop: each test waits for that
LOOKS_EVERY_SECONDS = 0.005


class Loopback:
    """`url` is known before `application` is set, so that two servers can be told about each other."""

    def __init__(self, tls: Path | None = None) -> None:
        """In `tls`, a folder, it keeps a certificate of its own making."""
        self.application: Application | None = None
        certificate = make_ssl_devcert(str(tls / "loopback"), host="127.0.0.1") if tls else None
        self._server = make_server(
            "127.0.0.1", 0, self._answer, threaded=True, request_handler=_Silent, ssl_context=certificate
        )
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(LOOKS_EVERY_SECONDS,), daemon=True)

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        assert self.application is not None
        return self.application(environ, start_response)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Close the port. May be called again."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Silent(WSGIRequestHandler):
    def log(self, *_arguments: object) -> None:
        pass


@contextmanager
def serving(application: Application | None = None, tls: Path | None = None) -> Iterator[Loopback]:
    server = Loopback(tls)
    server.application = application
    server.start()
    try:
        yield server
    finally:
        server.stop()
