"""Where pages live: the scheme, the host and the port of an address, in the one spelling that browsers send."""

import re
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from config.sender import ascii_domain

STANDARD_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")


def parse(text: str) -> str:
    """The origin that `text` spells: https://Host/ and https://host:443 are https://host.

    Raises ValueError with the reason for what is none, or is more than one: a path, a query, a user.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise ValueError(f"is no address: {text!r}") from None
    if parts.scheme not in STANDARD_PORTS or not parts.hostname:
        raise ValueError(f"must be https:// or http:// and a host, not {text!r}")
    if "@" in parts.netloc or parts.path not in ("", "/") or "?" in text or "#" in text:
        raise ValueError(f"must end after the host and its port, and name no user: {text!r}")
    host = _host(parts.hostname)
    if host is None or port == 0:
        raise ValueError(f"names no host: {text!r}")
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, STANDARD_PORTS[parts.scheme]) else "")


def is_address(text: str, *, secure: bool = False) -> bool:
    """Whether `text` is the address of a document: an origin, of https if `secure`, with any path and query."""
    if not text.isascii() or not text.isprintable() or any(sign in text for sign in " \\\"'<>#"):
        return False
    try:
        parts = urlsplit(text)
        origin = parse(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        return False
    return origin.startswith("https:") or not secure


def _host(name: str) -> str | None:
    """As it is sent: in small letters, other alphabets in ASCII, and an address of IPv6 in its short form."""
    try:
        if ":" in name:
            return f"[{IPv6Address(name)}]"
        sent = ascii_domain(name)
    except ValueError:
        return None
    sent = sent.lower().removesuffix(".")
    return sent if _HOST.fullmatch(sent) and ".." not in sent else None
