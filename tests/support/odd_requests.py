"""Requests that nobody sends by mistake, drawn from a seed: odd paths, queries, methods, headers and bodies."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

METHODS = ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "M-SEARCH", "Foo!", "QUERY"]
SEGMENTS = [
    *(
        "a",
        "stories",
        "..",
        ".",
        "",
        "%2F",
        "%41",
        "%2541",
        "%00",
        "%c3%a9",
        "%C3%A9",
        "%ff",
        "%e2%82",
        "é",
        "%",
        "%zz",
    ),
    *(";x=1", "~", "@", ":", "[", "{", "|", "^", "<", "\\", '"', "%20", "+", "%0d%0a", "*", "a" * 300),
]
QUERIES = ["", "?", "?a=1&a=2", "?%41=%zz", "??", "?a[]=é", "?x=%ff", "?a=b#c", "?&&=", "?" + "q" * 500]
VERSIONS = ["HTTP/1.1"] * 12 + ["HTTP/1.0"] * 3 + ["HTTP/1.2", "HTTP/2.0", "http/1.1", "HTTP/11"]
HOSTS = ["h", "h:80", "H.example", "[::1]:8000", "", "a b", "h\xe9", "evil@h", "h/../x"]
NAMES = [
    *(
        "Accept",
        "ACCEPT",
        "accept",
        "Cookie",
        "X-Forwarded-For",
        "X_Forwarded_For",
        "x-forwarded_for",
        "Proxy",
        "PROXY",
    ),
    *("Remote-Addr", "Content-Type", "content-TYPE", "X-!", "Path-Info", "Script-Name", "Upgrade", "Authorization"),
    *("X", "User-Agent", "Content_Length", "Http-Host", "Te", "Trailer", "Range", "Sec-WebSocket-Key", "Wsgi.Input"),
]
BAD_NAMES = ["X Y", "X(", "", "X\xe9", " X"]
VALUES = ["", "a", "a, b", "  a  ", "\ta\t", "é", "\xff", "a" * 400, '"a,b"', "a\tb", "a;b=c", "127.0.0.1", "=?utf-8?"]
BAD_VALUES = ["a\x00b", "a\x7fb", "a\rb", "a\r\n b"]
CODINGS = ["chunked"] * 6 + ["Chunked", "gzip, chunked", "identity", "chunked, chunked", "chunked;q=1", "xchunked"]


@dataclass
class OddRequest:
    """One request. `headers` in their order, as (name, value); `body` as it is sent, after the empty line."""

    method: str
    target: str
    version: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def raw(self) -> bytes:
        """The bytes of it."""
        lines = [f"{self.method} {self.target} {self.version}", *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + self.body

    def values(self, name: str) -> list[str]:
        """What headers of that name say, however it is written."""
        return [value for given, value in self.headers if given.lower() == name]


def odd_requests(seed: int, number: int) -> Iterator[OddRequest]:
    """So many of them; each seed always draws the same."""
    draw = random.Random(seed)
    for _ in range(number):
        made = OddRequest(draw.choice(METHODS), _target(draw), draw.choice(VERSIONS))
        made.headers = [("Host", draw.choice(HOSTS[:4] if draw.random() < 0.9 else HOSTS)) for _ in range(_hosts(draw))]
        made.headers += [_header(draw) for _ in range(draw.choice([0, 1, 1, 2, 3, 5]))]
        if draw.random() < 0.5:
            _add_body(made, draw)
        draw.shuffle(made.headers)
        made.headers.append(("Connection", "close"))
        yield made


def _target(draw: random.Random) -> str:
    path = "/" + "/".join(draw.choices(SEGMENTS, k=draw.choice([0, 1, 1, 2, 3])))
    target = path + (draw.choice(QUERIES) if draw.random() < 0.5 else "")
    if draw.random() < 0.08:
        target = draw.choice(["*", "", "?a", "a", "http://other" + target, "http://other", "//" + target, "h:80"])
    return target.encode().decode("latin-1")


def _hosts(draw: random.Random) -> int:
    return draw.choices([1, 0, 2], [90, 5, 5])[0]


def _header(draw: random.Random) -> tuple[str, str]:
    name = draw.choice(NAMES if draw.random() < 0.98 else BAD_NAMES)
    return name, draw.choice(VALUES if draw.random() < 0.98 else BAD_VALUES)


def _add_body(made: OddRequest, draw: random.Random) -> None:
    body = draw.randbytes(draw.choice([0, 1, 5, 200, 900]))
    how = draw.random()
    if how < 0.5:
        made.body = body
        made.headers.append((draw.choice(["Content-Length", "content-length"]), str(len(body))))
    elif how < 0.9:
        made.body = _chunks(body, draw)
        made.headers.append(("Transfer-Encoding", draw.choice(CODINGS)))
    else:
        made.body = body
        length = str(len(body))
        announced = [length, f"+{length}", f"-{length}", f"0{length}", f"{length}, {length}", "", "x", "1e3", "9" * 30]
        made.headers += [("Content-Length", draw.choice(announced)) for _ in range(draw.choice([1, 2]))]
    if draw.random() < 0.1:
        made.headers.append(("Expect", draw.choice(["100-continue", "100-Continue", "200-ok"])))
    if draw.random() < 0.05:
        made.headers.append(("Content-Length", str(len(body))))


def _chunks(body: bytes, draw: random.Random) -> bytes:
    extension = draw.choice([b"", b"", b";a=b", b" "])
    cut = draw.randrange(len(body) + 1)
    parts = [part for part in (body[:cut], body[cut:]) if part]
    sent = b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)
    return sent + draw.choices([b"0\r\n\r\n", b"0\r\nX-T: 1\r\n\r\n", b"zz\r\n"], [90, 5, 5])[0]
