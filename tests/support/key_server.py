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
    """`asked` counts who came, and `answer` says what they get; `certificate` is what they must trust."""

    def __init__(self, certificate: Path) -> None:
        self.certificate = certificate
        self.address = ""
        self.asked = 0
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
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@contextmanager
def serving(folder: Path) -> Iterator[KeyServer]:
    """It serves inside the block."""
    certificate, _spki = tls.certificate(folder, ["localhost"])
    made = KeyServer(certificate)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            made.asked += 1
            try:
                made.answer(self)
            except OSError:
                return  # who asked has gone

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    made.address = f"https://localhost:{server.server_address[1]}/keys.json"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
