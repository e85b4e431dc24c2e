"""The front asks an application what granian's own WSGI does, whatever it is asked; `meant` lists where it does not.

Both serve an application that answers with its environ; the same odd requests go to both over raw sockets.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support import raw_http
from tests.support.echo import HEADER, echoing
from tests.support.odd_requests import OddRequest, odd_requests


@dataclass(frozen=True)
class Answered:
    """A status, with the environ of a request that reached the application."""

    status: int
    asked: dict[str, Any] | None = None


BAD = Answered(400)


@pytest.fixture(scope="module")
def wsgi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with echoing("wsgi", tmp_path_factory.mktemp("echo")) as (port, _):
        yield port


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with echoing("front", tmp_path_factory.mktemp("echo")) as (port, _):
        yield port


def test_the_front_asks_the_same(wsgi: int, front: int) -> None:
    compare(wsgi, front, seed=1, number=400)


@pytest.mark.long
def test_the_front_asks_the_same_5000_times(wsgi: int, front: int) -> None:
    compare(wsgi, front, seed=2, number=5000)


def compare(wsgi: int, front: int, seed: int, number: int) -> None:
    reached = 0
    for odd in odd_requests(seed, number):
        theirs, ours = asked(wsgi, odd), asked(front, odd)
        assert ours == meant(odd, theirs), odd.raw()
        reached += ours.asked is not None
    assert reached > number / 3


def meant(odd: OddRequest, theirs: Answered) -> Answered:
    """What the front does on purpose where granian's WSGI answers so."""
    if theirs.asked is None:
        return theirs
    codings, hosts = odd.values("transfer-encoding"), odd.values("host")
    if len(hosts) > 1:  # of which RSGI gives those that are ASCII
        hosts = [host for host in hosts if host.isascii()]
    if (
        # two programs in a row could take different ones; HTTP/1.1 has exactly one
        (len(hosts) > 1 or (not hosts and odd.version != "HTTP/1.0"))
        # nobody undoes another coding
        or (codings and codings[0].lower() != "chunked")
        # granian does not tell trailers from a body that breaks off, which must not be taken for a whole one
        or (codings and not odd.body.endswith(b"0\r\n\r\n"))
    ):
        return BAD
    # RSGI gives a path as text: what is not UTF-8 comes as U+FFFD, which Flask would make of it later
    path = theirs.asked["PATH_INFO"].encode("latin-1").decode(errors="replace").encode().decode("latin-1")
    return Answered(theirs.status, with_our_headers(odd, theirs.asked) | {"PATH_INFO": path})


def with_our_headers(odd: OddRequest, theirs: dict[str, Any]) -> dict[str, Any]:
    """The environ, with the headers of which the front makes something else than granian does."""
    values = defaultdict[str, list[str]](list)
    wrong = set()
    for name, value in odd.headers:
        # these would pass for another header's variable, or for one of the system's
        if "_" in name or name.lower() == "proxy":
            wrong.add(variable(name))
        else:
            values[variable(name)].append(value.strip(" \t"))
    # RSGI does not give values that are not ASCII
    wrong |= {name for name, given in values.items() if not "".join(given).isascii()}
    ours = {name: value for name, value in theirs.items() if name not in wrong}
    for name in wrong & set(values):
        good = [value for value in values[name] if value.isascii()]
        ours[name] = (";" if name == "HTTP_COOKIE" else ",").join(good[:1] if name == "CONTENT_TYPE" else good)
    return ours


def variable(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if header.lower() in ("content-type", "content-length") else f"HTTP_{name}"


def asked(port: int, odd: OddRequest) -> Answered:
    answer = raw_http.ask(port, odd.raw())
    found = answer.header(HEADER)
    environ = {name: value for name, value in json.loads(found or "{}").items() if name != "SERVER_PORT"}
    return Answered(answer.status, environ or None)
