"""A newspaper's names over TLS: each host leads to a server of ours, and the certificate is made for the occasion."""

import base64
import hashlib
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOT_PASSED_ON = {"connection", "transfer-encoding", "keep-alive"}


class Page:
    """What a host of the paper answers: HTML, under the headers that the paper has."""

    def __init__(self, html: str, headers: Mapping[str, str]) -> None:
        self.html, self.headers = html, dict(headers)


class Names:
    """Hosts and what they lead to: the port of a server on this machine, or pages by path."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.key = port, key
        self.servers: dict[str, int] = {}
        self.pages: dict[tuple[str, str], Page] = {}
        # by host and path the cookies that came with the last request for a page
        self.cookies: dict[tuple[str, str], str] = {}

    @property
    def arguments(self) -> list[str]:
        """What makes Chromium find these names, and trust this certificate and no other."""
        return [
            f"--host-resolver-rules=MAP *.test 127.0.0.1:{self.port}",
            f"--ignore-certificate-errors-spki-list={self.key}",
        ]


@contextmanager
def serving(folder: Path, hosts: list[str]) -> Iterator[Names]:
    """Serve `hosts` over TLS from one port, until the block ends."""
    path, key = certificate(folder, hosts)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    names: Names

    class Handler(_Handler):
        @property
        def names(self) -> Names:
            return names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    names = Names(server.server_address[1], key)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield names
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def names(self) -> Names:
        raise NotImplementedError

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        host = self.headers.get("Host", "").partition(":")[0]
        page = self.names.pages.get((host, self.path.partition("?")[0]))
        if page is not None:
            self.names.cookies[host, self.path] = self.headers.get("Cookie", "")
            self._answer(200, {"Content-Type": "text/html; charset=utf-8", **page.headers}, page.html.encode())
        elif host in self.names.servers:
            self._pass_on(self.names.servers[host])
        else:
            self._answer(404, {}, b"")

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = do_GET  # noqa: N815

    def _pass_on(self, port: int) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
        headers |= {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            found = {name: value for name, value in answer.getheaders() if name.lower() not in NOT_PASSED_ON}
            cookies = [value for name, value in answer.getheaders() if name.lower() == "set-cookie"]
            self._answer(answer.status, found, answer.read(), cookies)
        finally:
            connection.close()

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes, cookies: list[str] | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "set-cookie", "date", "server"):
                self.send_header(name, value)
        for cookie in cookies or []:
            self.send_header("Set-Cookie", cookie)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status not in (204, 304):
            self.wfile.write(body)


def certificate(folder: Path, hosts: list[str]) -> tuple[Path, str]:
    """A certificate with its key in one file, and what Chromium knows that key by."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "paper.pem"
    pem, raw = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, raw)
    path.write_bytes(private + made.public_bytes(pem))
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return path, base64.b64encode(hashlib.sha256(public).digest()).decode()
