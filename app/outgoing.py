"""The way out to an address that is data: over https, to the open internet, and never for long.

Who may say where we send something could name a machine of our own network, and by a name of theirs that leads there
only when we look for the second time. So a host is looked up once, all that it leads to must be permitted, and the
connection goes to what was looked at and nowhere else; whatever stands there is asked for the host's certificate, and
where it sends us on we do not go.
"""

import re
import socket
import ssl
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPSConnection
from math import ceil
from threading import Event, Thread
from urllib.parse import SplitResult, urlsplit

from app import addresses, clock
from config import origins

# of everything: looking up, connecting, shaking hands, sending, and reading however little comes at a time
MOST_SECONDS = 5.0
MOST_BYTES = 64 * 1024
HTTPS, LOWEST_OF_OTHERS = 443, 1024
LONGEST = 2000


class NotReached(Exception):
    """No whole answer came. `code` says why, in a word that names nobody."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """What was answered, whole. `retry_after`: in how many seconds, if it said so, to come again."""

    status: int
    body: bytes
    retry_after: int | None = None


class Client:
    """Asks addresses that are data. `permits` says of each address that a host leads to whether we may go there."""

    def __init__(self, permits: Callable[[str], bool] = addresses.is_public) -> None:
        self._permits = permits

    def ask(self, method: str, address: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """The answer, whatever its status, within MOST_SECONDS. Raises NotReached."""
        if not origins.is_address(address, secure=True):
            raise NotReached("bad_address")
        parts = urlsplit(address)
        connection, answer = _Connection(parts, self._permits), Future[Answer]()
        # nothing can be told to stop looking up a name, so whoever cannot wait leaves it to itself
        Thread(target=_exchange, args=(answer, connection, method, parts, headers, body), daemon=True).start()
        try:
            return answer.result(MOST_SECONDS)
        except TimeoutError:
            raise NotReached("slow") from None
        finally:
            connection.cut()


# asks what the operator has set, which may be an address of their own network
OPERATORS = Client(permits=lambda _address: True)


def is_address(address: str) -> bool:
    """Whether somebody may give us this address: https, a host, the usual port or one that needs no privilege, no user.

    What services of a network listen at is below; what the operator has set may be there.
    """
    if len(address) > LONGEST or not origins.is_address(address, secure=True):
        return False
    port = urlsplit(address).port or HTTPS
    return port == HTTPS or port >= LOWEST_OF_OTHERS


def _exchange(
    answer: "Future[Answer]",
    connection: "_Connection",
    method: str,
    parts: SplitResult,
    headers: Mapping[str, str],
    body: bytes | None,
) -> None:
    try:
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request(method, path, body, dict(headers))
        came = connection.getresponse()
        read = came.read(MOST_BYTES + 1)
        # what is left of what was announced has not come, or is too much
        if len(read) > MOST_BYTES or came.length:
            raise NotReached("too_large" if len(read) > MOST_BYTES else "cut_short")
        answer.set_result(Answer(came.status, read, _seconds(came.getheader("Retry-After"))))
    except NotReached as error:
        answer.set_exception(error)
    except ssl.SSLCertVerificationError:
        answer.set_exception(NotReached("certificate"))
    except (OSError, HTTPException, ValueError) as error:
        answer.set_exception(NotReached("slow" if isinstance(error, TimeoutError) else "broken"))
    finally:
        connection.close()


def _seconds(text: str | None) -> int | None:
    """In how many seconds one is to come again by a Retry-After, which says so or names the date."""
    if not text or re.fullmatch(r"[0-9]{1,9}", text):
        return int(text) if text else None
    with suppress(ValueError, OverflowError):
        at = parsedate_to_datetime(text)
        return max(0, ceil((at.replace(tzinfo=at.tzinfo or UTC) - clock.now()).total_seconds()))
    return None


class _Connection(HTTPSConnection):
    """Connects to what was looked at; `cut` ends it, whatever it is waiting for, and leaves it to nobody else."""

    def __init__(self, parts: SplitResult, permits: Callable[[str], bool]) -> None:
        self._trusted = ssl.create_default_context()
        super().__init__(parts.hostname or "", parts.port or HTTPS, timeout=MOST_SECONDS, context=self._trusted)
        self._permits = permits
        self._over = Event()

    def connect(self) -> None:
        """Look the host up and connect, over TLS. Raises NotReached, OSError."""
        found = _look_up(self.host, self.port)
        if not all(self._permits(address) for _family, address in found):
            raise NotReached("not_public")
        self._go_on()
        plain = self._first_of(found)
        self.sock = wrapped = self._trusted.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        self._go_on()
        wrapped.do_handshake()

    def cut(self) -> None:
        """End it. Safe at any moment, from another thread."""
        self._over.set()
        if (sock := self.sock) is not None:
            with suppress(OSError):
                # past TLS, which another thread is using
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def _go_on(self) -> None:
        if self._over.is_set():
            raise NotReached("slow")

    def _first_of(self, found: list[tuple[socket.AddressFamily, str]]) -> socket.socket:
        """A connection to the first that takes one; a host may have one that this machine has no way to."""
        refused: OSError = socket.gaierror()
        for family, address in found:
            sock = socket.socket(family, socket.SOCK_STREAM)
            sock.settimeout(MOST_SECONDS / len(found))
            try:
                sock.connect((address, self.port))
            except OSError as error:
                sock.close()
                refused = error
            else:
                sock.settimeout(MOST_SECONDS)
                return sock
        raise refused


def _look_up(host: str, port: int) -> list[tuple[socket.AddressFamily, str]]:
    """All that `host` leads to, in the resolver's order. Raises NotReached."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotReached("unknown_host") from None
    return [(family, str(where[0])) for family, _type, _protocol, _name, where in found]
