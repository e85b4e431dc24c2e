"""A mail server in a process of its own. It notes the letters that it has promised to deliver.

python -m tests.support.mail_server PORT FILE
"""

import socketserver
import sys
from email import message_from_bytes
from pathlib import Path


class Session(socketserver.StreamRequestHandler):
    """One client, as RFC 5321 has it, without any extension."""

    def handle(self) -> None:
        self._say("220 ready")
        for line in self.rfile:
            match line[:4].upper():
                case b"QUIT":
                    self._say("221 bye")
                    return
                case b"DATA":
                    self._say("354 go on")
                    self._take()
                case b"RCPT" if b"refused@" in line:
                    self._say("550 nobody here")
                case b"RCPT" if b"later@" in line:
                    self._say("451 ask me again")
                case _:
                    self._say("250 good")

    def _take(self) -> None:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line)
        letter = message_from_bytes(b"".join(lines))
        with Path(sys.argv[2]).open("a") as noted:
            noted.write(f"{letter['Message-ID']}\n")
        self._say("250 taken")

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Session).serve_forever()
