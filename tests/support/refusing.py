"""A mail server that says one thing of every recipient."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def refusing(answer: str) -> Iterator[str]:
    """Its address, as BTL_SMTP_URL has it. `answer` is a reply of SMTP, such as "550 5.1.1 no such user"."""

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 ready\r\n")
            while line := self.rfile.readline():
                verb = line.split()[0].upper()
                said = answer if verb == b"RCPT" else "221 bye" if verb == b"QUIT" else "250 ok"
                self.wfile.write(f"{said}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
