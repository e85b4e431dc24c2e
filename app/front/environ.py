"""A request as WSGI has it (PEP 3333), made of RSGI's scope as granian makes it for WSGI applications.

What two programs in a row could read differently is refused or left out here: two hosts, a body in another coding than
chunks, and headers that would pass for another one's variable (X_Forwarded_For) or for one of the system's (Proxy).
"""

import sys
from functools import lru_cache
from typing import Any, Final

from granian.rsgi import Scope

from app.errors import Ambiguous, NoHost

Environ = dict[str, Any]

_SAME: Final[Environ] = {
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Granian",
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multiprocess": False,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}
_HOST, _COOKIE, _CODING = "HTTP_HOST", "HTTP_COOKIE", "HTTP_TRANSFER_ENCODING"
_LENGTH, _TYPE = "CONTENT_LENGTH", "CONTENT_TYPE"
CHUNKED = "chunked"


def of(scope: Scope) -> Environ:
    """All but wsgi.input. Raises NoHost, and Ambiguous for a request that can be read in two ways."""
    server, _, port = scope.server.rpartition(":")
    environ = _SAME | {
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "wsgi.url_scheme": scope.scheme,
    }
    _add_headers(environ, scope)
    if _HOST not in environ:
        if scope.http_version != "1":
            raise NoHost
        environ[_HOST] = scope.authority or ""
    # granian lets no two lengths pass, and none beside this; a coding that nobody undoes is no body that anyone wants
    if environ.get(_CODING, CHUNKED).lower() != CHUNKED:
        raise Ambiguous
    return environ


def length(environ: Environ) -> int | None:
    """Bytes of the body, None if only its end will tell."""
    return None if _CODING in environ else int(environ.get(_LENGTH) or 0)


def _add_headers(environ: Environ, scope: Scope) -> None:
    named: set[str] = set()
    for name, value in scope.headers.items():
        named.add(name)
        variable = _variable(name)
        if variable is None:
            continue
        if variable not in environ:
            environ[variable] = value
        elif variable == _HOST:
            raise Ambiguous
        elif variable != _TYPE:
            environ[variable] += (";" if variable == _COOKIE else ",") + value
    # values that are not ASCII are left out of the items
    for name in set(scope.headers.keys()) - named:
        if (variable := _variable(name)) is not None:
            environ.setdefault(variable, "")


@lru_cache(maxsize=1024)
def _variable(name: str) -> str | None:
    """The variable of a header, None for one that shall not have any."""
    if "_" in name or name == "proxy":
        return None
    variable = name.replace("-", "_").upper()
    return variable if variable in (_LENGTH, _TYPE) else f"HTTP_{variable}"
