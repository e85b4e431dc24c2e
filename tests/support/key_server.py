"""Where the paper publishes its keys, over TLS with a certificate of its own; it can misbehave."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey, RSAKey

from tests.support import tls

RSA, OTHER_RSA, ED25519 = RSAKey.generate_key(2048), RSAKey.generate_key(2048), OKPKey.generate_key("Ed25519")
Answer = Callable[[BaseHTTPRequestHandler], None]


class KeyServer:
    """`asked` counts who came, and `answer` says what they get; `certificate` is what they must trust.

    `connected` counts connections, whatever became of them, and `reached` is at which address each question came.
    """

    def __init__(self, certificate: Path) -> None:
        self.certificate = certificate
        self.address = ""
        self.asked = self.connected = 0
        self.reached: list[str] = []
        self.answer: Answer = publishing()


def published(key: Any, kid: str, **more: object) -> dict[str, object]:
    """A public key as it stands in a JWKS."""
    return {**key.as_dict(private=False), "kid": kid, **more}


def publishing(*keys: dict[str, object]) -> Answer:
    """Answer with these keys; without any, with one of each algorithm."""
    document = {"keys": list(keys) or [published(RSA, "rsa"), published(ED25519, "ed")]}
    return saying(json.dumps(document).encode())


def saying(body: bytes, status: int = 200, **headers: str) -> Answer:
    """Answer with whatever."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@contextmanager
def serving(folder: Path, host: str = "127.0.0.1") -> Iterator[KeyServer]:
    """It serves inside the block."""
    certificate, _spki = tls.certificate(folder, ["localhost"])
    made = KeyServer(certificate)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            made.asked += 1
            made.reached.append(self.connection.getsockname()[0])
            try:
                made.answer(self)
            except OSError:
                return  # who asked has gone

        do_POST = do_GET  # noqa: N815

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def verify_request(self, request: object, client_address: object) -> bool:
            made.connected += 1
            return True

        def handle_error(self, request: object, client_address: object) -> None:
            """Who has gone, or trusts nobody, is no fault of ours."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Server((host, 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    made.address = f"https://localhost:{server.server_address[1]}/keys.json"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
