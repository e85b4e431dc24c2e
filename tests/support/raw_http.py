"""HTTP over bare sockets, for those who send what no client library would."""

import socket
from dataclasses import dataclass

TIMEOUT = 30


@dataclass(frozen=True)
class Reply:
    """What came back; status 0 if the connection ended without a word."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of that name, in small letters."""
        return next((value for given, value in self.headers if given == name), None)


def connected(port: int, raw: bytes, *, buffer: int | None = None) -> socket.socket:
    """A connection on which `raw` has been sent; whoever takes answers slowly has a small `buffer`."""
    connection = socket.socket()
    connection.settimeout(TIMEOUT)
    if buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.connect(("127.0.0.1", port))
    connection.sendall(raw)
    return connection


def reply(connection: socket.socket) -> Reply:
    """All that comes until the other side closes."""
    came = b""
    while more := connection.recv(65536):
        came += more
    head, _, body = came.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    return Reply(int(status.split()[1]) if status else 0, headers, body)


def ask(port: int, raw: bytes) -> Reply:
    """The answer to `raw`, which asks for the connection to be closed."""
    with connected(port, raw) as connection:
        return reply(connection)


def request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    """The bytes of a request to be answered once."""
    length = [f"Content-Length: {len(body)}"] if body else []
    lines = [f"{method} {path} HTTP/1.1", "Host: h", "Connection: close", *length, *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def half_sent(path: str = "/", *headers: str) -> bytes:
    """A request of whose body there is one byte, and more to come."""
    return request("POST", path, "Content-Length: 900", *headers) + b"x"


def is_open(connection: socket.socket) -> bool:
    """Whether the other side neither said anything nor closed."""
    connection.setblocking(False)
    try:
        connection.recv(1)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        connection.settimeout(TIMEOUT)
    return False
