"""A small document that somebody publishes over https at an address that the operator has set.

It comes within MOST_SECONDS, however slowly it is sent, from the address itself, and is no larger than MOST_BYTES.
"""

import socket
import ssl
from contextlib import suppress
from http.client import HTTPException, HTTPSConnection
from threading import Timer
from urllib.parse import urlsplit

MOST_SECONDS = 5.0
MOST_BYTES = 64 * 1024


class Unreadable(Exception):
    """Nothing came that could be read; what was read before is as good as it was."""


def read(address: str) -> bytes:
    """What stands at `address`. Raises Unreadable, also where it says that it stands elsewhere."""
    parts = urlsplit(address)
    connection = HTTPSConnection(
        parts.hostname or "", parts.port, timeout=MOST_SECONDS, context=ssl.create_default_context()
    )
    # each single answer of a slow server resets the timeout of the socket
    end = Timer(MOST_SECONDS, _cut, [connection])
    end.daemon = True
    end.start()
    try:
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("GET", path, headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read(MOST_BYTES + 1)
        # what is left of what was announced has not come, or is too much
        if answer.status != 200 or len(body) > MOST_BYTES or answer.length:
            raise Unreadable(str(answer.status))
        return body
    except (OSError, HTTPException, ValueError) as error:
        raise Unreadable(type(error).__name__) from error
    finally:
        end.cancel()
        connection.close()


def _cut(connection: HTTPSConnection) -> None:
    if (sock := connection.sock) is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
