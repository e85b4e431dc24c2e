"""A mail server of the old kind, on a socket: it announces no extension, so addresses must be ASCII."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email import policy as formats
from email.message import EmailMessage

# in parting, servers say many things
_OTHERWISE = {b"EHLO": b"502 what?\r\n", b"QUIT": b"421 I am going\r\n"}


@dataclass
class PlainRelay:
    """`url` is its address; `envelopes` are the addresses it was told (from, to), `letters` what came with them,
    `texts` the same as it came."""

    url: str = ""
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    letters: list[EmailMessage] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)


class _Session(socketserver.StreamRequestHandler):
    relay: PlainRelay

    def handle(self) -> None:
        told: list[str] = []
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            verb = line.split()[0].upper()
            if verb in (b"MAIL", b"RCPT"):
                address = line.decode("ascii").partition("<")[2].partition(">")
                self.wfile.write(b"555 no such parameter\r\n" if address[2].strip() else b"250 ok\r\n")
                told.append(address[0])
            elif verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.relay.envelopes.append((told[0], told[1]))
                self.relay.texts.append(text)
                self.relay.letters.append(message_from_bytes(text, policy=formats.default))
                self.wfile.write(b"250 ok\r\n")
            else:
                self.wfile.write(_OTHERWISE.get(verb, b"250 ok\r\n"))


@contextmanager
def plain_relay() -> Iterator[PlainRelay]:
    """It listens inside the block."""
    relay = PlainRelay()
    session = type("_Here", (_Session,), {"relay": relay})
    with socketserver.TCPServer(("127.0.0.1", 0), session) as server:
        relay.url = f"smtp://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield relay
        server.shutdown()
