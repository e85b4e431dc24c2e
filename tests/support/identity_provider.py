"""A small provider of identities (OpenID Connect) in a process of its own, over TLS.

`python -m tests.support.identity_provider PORT CERTIFICATE` serves. It lets in whoever POST /_control names, checks
client, code and PKCE as it should, and misbehaves as it is told. It signs with the same key whenever it is started.
"""

import base64
import hashlib
import json
import secrets
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import requests
from joserfc import jws
from joserfc.jwk import RSAKey

from tests.support import stoppable, tls
from tests.support.processes import free_port
from tests.support.stoppable import Stoppable
from tests.support.stripe_world import eventually

CLIENT_ID, CLIENT_SECRET = "comments", "a secret that the provider has given out"
SIGNING_KEY = "signing.pem"
ANOTHER_KEY = RSAKey.generate_key(2048)
# what its token endpoint answers when it is told to misbehave: a status, headers and a body, and how slowly that comes
HTML = {"Content-Type": "text/html"}
MISBEHAVIOUR: dict[str, tuple[int, dict[str, str], bytes, float]] = {
    "trickles": (200, {}, b" " * 3000 + b'{"error": "late"}', 0.02),
    "hangs": (200, {}, b"{}", 60),
    "answers too much": (200, {}, b'{"more": "' + b"x" * 1_000_000 + b'"}', 0),
    "leads elsewhere": (307, {"Location": "/elsewhere"}, b'{"id_token": "no"}', 0),
    "answers HTML": (200, HTML, b"<!doctype html>", 0),
    "answers HTML that it is busy": (429, HTML, b"<!doctype html>", 0),
    "answers a list": (200, {}, b"[]", 0),
    "answers what is too deep": (200, {}, b"[" * 60_000, 0),
}


class Handler(BaseHTTPRequestHandler):
    # who is let in, and what is wrong with what is said of them
    told: dict[str, Any] = {"claims": {}, "header": {}, "discovery": {}, "status": 200, "key": "ours"}
    codes: dict[str, dict[str, str]] = {}
    issuer = ""
    key = ANOTHER_KEY

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/.well-known/openid-configuration":
            known = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token")}
            self._json({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **known, **self.told["discovery"]})
        elif asked.path == "/keys":
            self._json({"keys": [{**self.key.as_dict(private=False), "kid": "one"}]})
        elif asked.path == "/authorization":
            self._let_in(dict(parse_qsl(asked.query)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/_control":
            type(self).told = {**Handler.told, **json.loads(body)}
            self._json({})
        elif self.told.get("token"):
            self._misbehave(*MISBEHAVIOUR[self.told["token"]])
        elif self.path == "/token":
            self._give({name: values[0] for name, values in parse_qs(body).items()})

    def _let_in(self, asked: dict[str, str]) -> None:
        wanted = {"client_id": CLIENT_ID, "response_type": "code", "code_challenge_method": "S256"}
        assert wanted.items() <= asked.items(), asked
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.issuer, **self.told.get("back", {})}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({k: v for k, v in back.items() if v})}")
        self.end_headers()

    def _give(self, asked: dict[str, str]) -> None:
        begun = self.codes.pop(asked["code"], None)
        challenge = _encoded(hashlib.sha256(asked.get("code_verifier", "").encode()).digest())
        if (
            begun is None
            or begun["code_challenge"] != challenge
            or begun["redirect_uri"] != asked["redirect_uri"]
            or not self._knows_client(asked)
        ):
            self._json({"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        good = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": begun["nonce"]}
        said = {name: value for name, value in {**good, **self.told["claims"]}.items() if value is not None}
        head = {"alg": "RS256", "kid": "one", **self.told["header"]}
        key = self.key if self.told["key"] == "ours" else ANOTHER_KEY
        token = jws.serialize_compact(head, json.dumps(said), key, algorithms=["RS256", "PS256"])
        answer = {"access_token": "an access token", "token_type": "Bearer", "id_token": token}
        self._json({**answer, **self.told.get("given", {})}, self.told["status"])

    def _knows_client(self, asked: dict[str, str]) -> bool:
        """By the one way that it is told to know its clients by."""
        if self.told["discovery"].get("token_endpoint_auth_methods_supported") == ["client_secret_post"]:
            shown = (asked.get("client_id"), asked.get("client_secret"), self.headers["Authorization"])
            return shown == (CLIENT_ID, CLIENT_SECRET, None)
        client = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        return self.headers["Authorization"] == f"Basic {client}" and "client_secret" not in asked

    def _misbehave(self, status: int, headers: dict[str, str], body: bytes, pause: float) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):  # who asked has gone
            for at in range(0, len(body), 1 if pause else len(body)):
                threading.Event().wait(pause)
                self.wfile.write(body[at : at + 1] if pause else body)

    def _json(self, said: Any, status: int = 200) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@dataclass(frozen=True)
class IdentityProvider:
    """One that runs in `process`."""

    issuer: str
    certificate: Path
    key: RSAKey
    process: Stoppable

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            return requests.get(f"{self.issuer}/keys", verify=str(self.certificate), timeout=5).ok
        except requests.RequestException:
            return False

    def lets_in(self, subject: str, *, told: dict[str, Any] | None = None, **claims: Any) -> None:
        """Whoever comes next is this one."""
        said = {"claims": {"sub": subject, **claims}, **(told or {})}
        requests.post(f"{self.issuer}/_control", json=said, verify=str(self.certificate), timeout=5).raise_for_status()

    def leads_to(self, address: str) -> str:
        """Where it sends a browser on to that was sent to `address`."""
        answer = requests.get(address, verify=str(self.certificate), allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]


@contextmanager
def running(folder: Path) -> Iterator[IdentityProvider]:
    """It runs inside the block."""
    certificate, _spki = tls.certificate(folder, ["localhost"])
    key, port = RSAKey.generate_key(2048), free_port()
    (folder / SIGNING_KEY).write_bytes(key.as_pem(private=True))
    command = [sys.executable, "-m", "tests.support.identity_provider", str(port), str(certificate)]
    with stoppable.running(command) as process:
        made = IdentityProvider(f"https://localhost:{port}", certificate, key, process)
        eventually(made.answers)
        yield made


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def main() -> None:
    port, certificate = sys.argv[1:]
    Handler.issuer = f"https://localhost:{port}"
    Handler.key = RSAKey.import_key((Path(certificate).parent / SIGNING_KEY).read_text())
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main()
